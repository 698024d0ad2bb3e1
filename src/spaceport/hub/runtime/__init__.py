"""What runs: builds, replicas and the fleet of Spaces."""
