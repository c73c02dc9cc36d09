"""Tests of the house: manifests, what is collected of them, and the work of no room."""
