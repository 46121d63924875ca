"""Finds one of AWS's prefix lists by its name when CloudFormation makes a network."""
