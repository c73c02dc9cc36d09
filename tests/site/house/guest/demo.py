"""The sample city."""


def furnish(sample, step):
    """Leave something in the sample for the test."""
    sample.shared["guest"] = sample.seed
