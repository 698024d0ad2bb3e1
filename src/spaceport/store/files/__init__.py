"""Files of callers and functions."""
