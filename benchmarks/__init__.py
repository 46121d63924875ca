"""The measurements of docs/measurements.md: ratios within one run, medians with their quartiles.

A benchmark reports; it never fails on time, since machines are noisy.
"""
