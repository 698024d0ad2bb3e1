"""Webhooks: HTTP messages about jobs to their callers, as Standard Webhooks (https://www.standardwebhooks.com)."""

from spaceport.webhooks.sender import WebhookLimits, Webhooks

__all__ = ["WebhookLimits", "Webhooks"]
