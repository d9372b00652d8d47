"""Compile the tiny network, encode with it from two threads, print its error and if all agree."""

import sys
from concurrent.futures import ThreadPoolExecutor

import torch

from lens_site.activations.encode import CPU_BATCH, encode, one_thread_each
from lens_site.classifier import load_classifier
from lens_site.classifier.runtimes import run_on
from lens_site.results.schema import Runtime

if __name__ == "__main__":
    device = sys.argv[1] if len(sys.argv) > 1 else "cpu"
    classifier = load_classifier("tiny_model:net", device=device)
    images = torch.randn(5, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    with one_thread_each():
        ours = encode(classifier, images, CPU_BATCH).maps
        compiled = run_on(classifier, Runtime(name="compiled"), CPU_BATCH)
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(lambda x: encode(compiled, x, CPU_BATCH).maps, [images] * 4))
    error = float((made[0] - ours).abs().max() / ours.abs().max())
    same = all(torch.equal(maps, made[0]) for maps in made)
    sys.stdout.write(f"{error} {same}\n")
