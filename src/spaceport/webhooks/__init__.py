"""Tell callers of their jobs by HTTP, as Standard Webhooks says (https://www.standardwebhooks.com)."""

from spaceport.webhooks.sender import WebhookLimits, Webhooks

__all__ = ["WebhookLimits", "Webhooks"]
