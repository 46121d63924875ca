"""Stands for the providers of human checks: their siteverify endpoints, and a widget that gives tokens."""
