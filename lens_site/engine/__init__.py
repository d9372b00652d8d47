"""What to compute, skip or retry, and the machine it happens on; imports nothing heavy."""
