/** The HTTP contract: Tailscale API v2 and our extensions. */
export {}
