"""What suppliers send: received, checked, applied in batches and answered for. Owns deliveries and their rejections; no child."""
