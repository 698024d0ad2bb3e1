"""Starts, polls and stops replicas of Spaces: `base` is the seam, `local` runs them as processes of this machine."""
