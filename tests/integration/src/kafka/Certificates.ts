/** Adapter: throw-away certificates made by openssl: an authority, and whom it vouches for. For tests only. */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

/** PEM texts. */
export interface Certified {
  readonly cert: string
  readonly key: string
}

function openssl(...args: ReadonlyArray<string>) {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8", timeout: 20_000 })
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`)
}

const read = (file: string): string => readFileSync(file, "utf8")

const forDays = ["-days", "2"]
const newKey = ["-newkey", "rsa:2048", "-nodes"]

/** A new authority, its files in the folder under this name. */
export function makeAuthority(folder: string, name: string) {
  const file = (ending: string): string => path.join(folder, `${name}${ending}`)
  openssl("req", "-x509", ...newKey, ...forDays, "-subj", `/CN=${name}`, "-keyout", file(".key"), "-out", file(".pem"))
  return {
    ca: read(file(".pem")),
    /** `alternative`: `IP:127.0.0.1`, `DNS:localhost`. */
    certify: (subject: string, alternative: string): Certified => {
      const of = (ending: string): string => file(`-${subject}${ending}`)
      const [request, key, cert, more] = [of(".csr"), of(".key"), of(".pem"), of(".ext")] as const
      writeFileSync(more, `subjectAltName=${alternative}\n`)
      openssl("req", ...newKey, "-subj", `/CN=${subject}`, "-keyout", key, "-out", request)
      const authority = ["-CA", file(".pem"), "-CAkey", file(".key"), "-CAcreateserial"]
      openssl("x509", "-req", "-in", request, ...authority, ...forDays, "-extfile", more, "-out", cert)
      return { cert: read(cert), key: read(key) }
    }
  }
}
