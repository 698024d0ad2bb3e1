"""The Spaces of a hub: their records, repositories, variables and folders."""
