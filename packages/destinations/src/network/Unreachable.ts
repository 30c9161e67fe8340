/** What node's error code says when no answer came: an owner's affair, or one that passes by itself. */
import { refusedCode } from "./GuardedAgents.ts"

export const isTls = (code: string): boolean =>
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$)/.test(code)

const permanentCodes = new Set([
  refusedCode,
  "ENOTFOUND",
  "ERR_INVALID_CHAR",
  "ERR_INVALID_URL",
  "ERR_UNESCAPED_CHARACTERS"
])

/** Only what an owner can mend: the name, the certificate, the address; every other fault passes by itself. */
export const isUnusable = (code: string): boolean => permanentCodes.has(code) || isTls(code)
