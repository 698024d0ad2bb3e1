"""Files of calls: upload, upload by content, progress and download."""
