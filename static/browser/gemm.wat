;; The inner loops of convolutions, four or eight numbers at a time (WebAssembly SIMD).
;; gemm.js and ops.js say the same in JavaScript; places are counted in numbers of 4 bytes.
;; Assembled by wat2wasm into gemm.code.js, which a test compares.
(module
  (import "lens" "memory" (memory 1))

  ;; y[o, n] = clip(bias[o] + sum over k of w[o, k] x[k, n], low, high), n of at least 8.
  ;; Four rows by eight columns are held in registers. Where fewer are left, the last row stands in
  ;; for the missing ones, and the last columns are computed twice: to the same numbers.
  (func (export "gemm")
    (param $w i32) (param $x i32) (param $ldx i32) (param $y i32) (param $ldy i32)
    (param $bias i32) (param $o i32) (param $k i32) (param $n i32) (param $low f32) (param $high f32)
    (local $row i32) (local $column i32) (local $i i32) (local $from i32)
    (local $last i32) (local $stride i32) (local $step i32) (local $end i32)
    (local $r1 i32) (local $r2 i32) (local $r3 i32)
    (local $w0 i32) (local $w1 i32) (local $w2 i32) (local $w3 i32)
    (local $v v128) (local $x0 v128) (local $x1 v128) (local $lows v128) (local $highs v128)
    (local $a0 v128) (local $a1 v128) (local $b0 v128) (local $b1 v128)
    (local $c0 v128) (local $c1 v128) (local $d0 v128) (local $d1 v128)
    (local.set $lows (f32x4.splat (local.get $low)))
    (local.set $highs (f32x4.splat (local.get $high)))
    (local.set $w (i32.shl (local.get $w) (i32.const 2)))
    (local.set $x (i32.shl (local.get $x) (i32.const 2)))
    (local.set $y (i32.shl (local.get $y) (i32.const 2)))
    (local.set $bias (i32.shl (local.get $bias) (i32.const 2)))
    (local.set $stride (i32.shl (local.get $ldy) (i32.const 2)))
    (local.set $step (i32.shl (local.get $ldx) (i32.const 2)))
    (local.set $end (i32.shl (local.get $k) (i32.const 2)))  ;; bytes of a row of w
    (local.set $last (i32.sub (local.get $o) (i32.const 1)))
    (loop $rows
      ;; the three rows after this one, none beyond the last
      (local.set $r1 (call $least (i32.add (local.get $row) (i32.const 1)) (local.get $last)))
      (local.set $r2 (call $least (i32.add (local.get $row) (i32.const 2)) (local.get $last)))
      (local.set $r3 (call $least (i32.add (local.get $row) (i32.const 3)) (local.get $last)))
      (local.set $column (i32.const 0))
      (loop $columns
        (local.set $w0 (i32.add (local.get $w) (i32.mul (local.get $row) (local.get $end))))
        (local.set $w1 (i32.add (local.get $w) (i32.mul (local.get $r1) (local.get $end))))
        (local.set $w2 (i32.add (local.get $w) (i32.mul (local.get $r2) (local.get $end))))
        (local.set $w3 (i32.add (local.get $w) (i32.mul (local.get $r3) (local.get $end))))
        (local.set $a0 (call $bias (local.get $bias) (local.get $row)))
        (local.set $b0 (call $bias (local.get $bias) (local.get $r1)))
        (local.set $c0 (call $bias (local.get $bias) (local.get $r2)))
        (local.set $d0 (call $bias (local.get $bias) (local.get $r3)))
        (local.set $a1 (local.get $a0))
        (local.set $b1 (local.get $b0))
        (local.set $c1 (local.get $c0))
        (local.set $d1 (local.get $d0))
        (local.set $from
          (i32.add (local.get $x) (i32.shl (local.get $column) (i32.const 2))))
        (local.set $i (i32.const 0))
        (loop $sum
          (local.set $x0 (v128.load (local.get $from)))
          (local.set $x1 (v128.load offset=16 (local.get $from)))
          (local.set $v (v128.load32_splat (i32.add (local.get $w0) (local.get $i))))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (local.get $x0))))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (local.get $x1))))
          (local.set $v (v128.load32_splat (i32.add (local.get $w1) (local.get $i))))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $x0))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $x1))))
          (local.set $v (v128.load32_splat (i32.add (local.get $w2) (local.get $i))))
          (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $v) (local.get $x0))))
          (local.set $c1 (f32x4.add (local.get $c1) (f32x4.mul (local.get $v) (local.get $x1))))
          (local.set $v (v128.load32_splat (i32.add (local.get $w3) (local.get $i))))
          (local.set $d0 (f32x4.add (local.get $d0) (f32x4.mul (local.get $v) (local.get $x0))))
          (local.set $d1 (f32x4.add (local.get $d1) (f32x4.mul (local.get $v) (local.get $x1))))
          (local.set $from (i32.add (local.get $from) (local.get $step)))
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br_if $sum (i32.lt_u (local.get $i) (local.get $end))))
        (local.set $from
          (i32.add (local.get $y) (i32.shl (local.get $column) (i32.const 2))))
        (call $store (i32.add (local.get $from) (i32.mul (local.get $row) (local.get $stride)))
          (local.get $a0) (local.get $a1) (local.get $lows) (local.get $highs))
        (call $store (i32.add (local.get $from) (i32.mul (local.get $r1) (local.get $stride)))
          (local.get $b0) (local.get $b1) (local.get $lows) (local.get $highs))
        (call $store (i32.add (local.get $from) (i32.mul (local.get $r2) (local.get $stride)))
          (local.get $c0) (local.get $c1) (local.get $lows) (local.get $highs))
        (call $store (i32.add (local.get $from) (i32.mul (local.get $r3) (local.get $stride)))
          (local.get $d0) (local.get $d1) (local.get $lows) (local.get $highs))
        ;; the next eight columns, or the last eight
        (local.set $i (i32.add (local.get $column) (i32.const 8)))
        (local.set $column
          (call $least (local.get $i) (i32.sub (local.get $n) (i32.const 8))))
        (br_if $columns (i32.lt_u (local.get $i) (local.get $n))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (br_if $rows (i32.lt_u (local.get $row) (local.get $o)))))

  ;; One channel of a depthwise convolution, four columns of output at a time: x is the channel with
  ;; its border (rows of wide numbers), w its kh × kw weights, sw 1 or 2, ow of at least 4.
  (func (export "depthwise")
    (param $x i32) (param $wide i32) (param $y i32) (param $oh i32) (param $ow i32)
    (param $w i32) (param $kh i32) (param $kw i32) (param $sh i32) (param $sw i32)
    (param $shift f32) (param $low f32) (param $high f32)
    (local $row i32) (local $column i32) (local $next i32) (local $i i32) (local $j i32)
    (local $line i32) (local $from i32) (local $weight i32)
    (local $sum v128) (local $v v128) (local $lows v128) (local $highs v128)
    (local.set $lows (f32x4.splat (local.get $low)))
    (local.set $highs (f32x4.splat (local.get $high)))
    (local.set $x (i32.shl (local.get $x) (i32.const 2)))
    (local.set $y (i32.shl (local.get $y) (i32.const 2)))
    (local.set $w (i32.shl (local.get $w) (i32.const 2)))
    (local.set $wide (i32.shl (local.get $wide) (i32.const 2)))
    (loop $rows
      (local.set $column (i32.const 0))
      (loop $columns
        (local.set $sum (f32x4.splat (local.get $shift)))
        (local.set $weight (local.get $w))
        (local.set $line
          (i32.add
            (i32.add (local.get $x)
              (i32.mul (i32.mul (local.get $row) (local.get $sh)) (local.get $wide)))
            (i32.shl (i32.mul (local.get $column) (local.get $sw)) (i32.const 2))))
        (local.set $i (local.get $kh))
        (loop $lines
          (local.set $from (local.get $line))
          (local.set $j (local.get $kw))
          (loop $taps
            (local.set $v (v128.load (local.get $from)))
            (if (i32.eq (local.get $sw) (i32.const 2))
              (then  ;; every other one of eight
                (local.set $v
                  (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
                    (local.get $v) (v128.load offset=16 (local.get $from))))))
            (local.set $sum
              (f32x4.add (local.get $sum)
                (f32x4.mul (local.get $v) (v128.load32_splat (local.get $weight)))))
            (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
            (local.set $from (i32.add (local.get $from) (i32.const 4)))
            (local.set $j (i32.sub (local.get $j) (i32.const 1)))
            (br_if $taps (local.get $j)))
          (local.set $line (i32.add (local.get $line) (local.get $wide)))
          (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          (br_if $lines (local.get $i)))
        (v128.store (i32.add (local.get $y) (i32.shl (local.get $column) (i32.const 2)))
          (f32x4.pmin (local.get $highs) (f32x4.pmax (local.get $lows) (local.get $sum))))
        (local.set $next (i32.add (local.get $column) (i32.const 4)))
        (local.set $column
          (call $least (local.get $next) (i32.sub (local.get $ow) (i32.const 4))))
        (br_if $columns (i32.lt_u (local.get $next) (local.get $ow))))
      (local.set $y (i32.add (local.get $y) (i32.shl (local.get $ow) (i32.const 2))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (local.get $oh)))))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_s (local.get $a) (local.get $b))))

  (func $bias (param $bias i32) (param $row i32) (result v128)
    (v128.load32_splat (i32.add (local.get $bias) (i32.shl (local.get $row) (i32.const 2)))))

  (func $store (param $to i32) (param $one v128) (param $two v128)
    (param $lows v128) (param $highs v128)
    (v128.store (local.get $to)
      (f32x4.pmin (local.get $highs) (f32x4.pmax (local.get $lows) (local.get $one))))
    (v128.store offset=16 (local.get $to)
      (f32x4.pmin (local.get $highs) (f32x4.pmax (local.get $lows) (local.get $two))))))
