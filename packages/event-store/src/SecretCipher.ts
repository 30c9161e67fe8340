/**
 * How a secret is sealed: AES-256-GCM under a data key of its own, which is sealed in the same way under the master
 * key. The name of the version is authenticated with both, so that no record can stand in for another. Adapter to
 * `node:crypto`; synchronous, so that the simulation stays deterministic.
 */
import { Context, Redacted, Result, Schema } from "effect"
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto"

/** 32 bytes. */
export type MasterKey = Redacted.Redacted<Uint8Array>

/** Where data keys and nonces come from; a seeded one makes the simulation's log equal from run to run. */
export const SecretRandom = Context.Reference<(size: number) => Uint8Array>("@tailrace/event-store/SecretRandom", {
  defaultValue: () => (size) => new Uint8Array(randomBytes(size))
})

const algorithm = "aes-256-gcm"
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** `box` and `wrappedKey`: nonce, tag, ciphertext, in base64. */
const SealedSecret = Schema.fromJsonString(Schema.Struct({
  format: Schema.Literal(1),
  wrappedKey: Schema.String,
  box: Schema.String
}))

const decodeSealed = Schema.decodeUnknownResult(SealedSecret)
const encodeSealed = Schema.encodeSync(SealedSecret)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Lock {
  readonly key: Uint8Array
  /** Authenticated, not stored: must be the same at opening. */
  readonly label: string
}

const close = ({ key, label }: Lock, plain: Uint8Array, nonce: Uint8Array): string => {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(encoder.encode(label))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")
}

const open = ({ key, label }: Lock, box: string): Uint8Array => {
  const bytes = Buffer.from(box, "base64")
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(encoder.encode(label)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
}

const keyLabel = (name: string) => `tailrace data key of ${name}`
const boxLabel = (name: string) => `tailrace secret ${name}`

/** Seals a secret under its name (`<tailnet>/<destination>/<version>`): one JSON object. */
export const sealSecret = (
  masterKey: MasterKey,
  random: (size: number) => Uint8Array
) =>
(name: string, secret: Redacted.Redacted): Uint8Array => {
  const dataKey = random(keyBytes)
  const sealed = encodeSealed({
    format: 1,
    wrappedKey: close({ key: Redacted.value(masterKey), label: keyLabel(name) }, dataKey, random(nonceBytes)),
    box: close({ key: dataKey, label: boxLabel(name) }, encoder.encode(Redacted.value(secret)), random(nonceBytes))
  })
  return encoder.encode(sealed)
}

/** Opens what `sealSecret` made; the failure says nothing about the content. */
export const openSecret = (
  masterKey: MasterKey,
  name: string,
  value: Uint8Array
): Result.Result<Redacted.Redacted, string> =>
  decodeSealed(decoder.decode(value)).pipe(
    Result.mapError(() => "it is in a form that is unknown to this release"),
    Result.flatMap(({ box, wrappedKey }) =>
      Result.try({
        try: () => {
          const key = open({ key: Redacted.value(masterKey), label: keyLabel(name) }, wrappedKey)
          return Redacted.make(decoder.decode(open({ key, label: boxLabel(name) }, box)))
        },
        catch: () => "it was changed, or sealed under another master key"
      })
    )
  )

/** Names a master key without telling anything about it (it has 256 random bits): 32 hex digits. */
export const masterKeyId = (masterKey: MasterKey): string =>
  createHmac("sha256", Redacted.value(masterKey)).update("tailrace master key id").digest("hex").slice(0, 32)

/** A tailnet's key for hashes of values, by HKDF-SHA-256: no tailnet's hashes tell anything about another's. */
export const hashKeyOf = (masterKey: MasterKey, tailnet: string): Redacted.Redacted<Uint8Array> => {
  const info = `tailrace hash key of ${tailnet}`
  return Redacted.make(new Uint8Array(hkdfSync("sha256", Redacted.value(masterKey), "", info, keyBytes)))
}
