"""Webhooks: callers hear of their jobs by HTTP, in the format of Standard Webhooks (https://www.standardwebhooks.com)."""

from spaceport.webhooks.sender import WebhookLimits, Webhooks

__all__ = ["WebhookLimits", "Webhooks"]
