"""The `spaceport` command."""
