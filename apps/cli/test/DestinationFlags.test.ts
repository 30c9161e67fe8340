import { assert, describe, it } from "@effect/vitest"
import { type DestinationFieldName, destinationFields, DestinationType, fieldForms } from "@tailrace/api"
import { Option } from "effect"
import { fieldFlags, flagName, givenFields } from "../src/DestinationFlags.ts"
import { needsSecret, secretFieldOf, secretFields } from "../src/DestinationSecret.ts"

describe("flags of a destination", () => {
  it("are named after the fields of the API, and no two alike", () => {
    assert.strictEqual(flagName("s3KeyPrefix"), "s3-key-prefix")
    const names = [...fieldForms.keys()].map(flagName)
    assert.strictEqual(new Set(names).size, names.length)
    // The root's own flags.
    for (const taken of ["url", "tailnet", "json"]) assert.notInclude(names, taken)
  })

  it("are there for every field but secrets", () => {
    const secrets = [...fieldForms.values()].filter(({ kind }) => kind === "secret").map(({ name }) => name)
    assert.deepStrictEqual(secrets.toSorted(), Object.keys(secretFields).toSorted())
    assert.strictEqual(fieldFlags.length, fieldForms.size - secrets.length)
    const used = Object.values(destinationFields).flatMap(({ fields }) => fields.map(({ name }) => name))
    const known: ReadonlyArray<DestinationFieldName> = [...fieldForms.keys()]
    assert.deepStrictEqual([...new Set(used)].filter((name) => !known.includes(name)), [])
  })

  it("give back what was given, by the names of the API", () => {
    const values = fieldFlags.map((_, index) => index === 0 ? Option.some("https://example.com") : Option.none())
    assert.deepStrictEqual(givenFields(values), { url: "https://example.com" })
  })
})

describe("the secret of a destination", () => {
  it("is a field of every type, with a variable of its own", () => {
    for (const type of DestinationType.literals) assert.match(secretFieldOf(type)?.variable ?? "", /^TAILRACE_/)
    assert.deepInclude(secretFieldOf("gcs"), { name: "gcsCredentials", variable: "TAILRACE_GCS_CREDENTIALS" })
  })

  it("is not needed with a role, nor by an endpoint without authorization", () => {
    assert.isTrue(needsSecret("s3", {}))
    assert.isFalse(needsSecret("s3", { s3AuthenticationType: "rolearn" }))
    assert.isFalse(needsSecret("http", {}))
    assert.isFalse(needsSecret("http", { authScheme: "none" }))
    assert.isTrue(needsSecret("http", { authScheme: "hmac" }))
    assert.isTrue(needsSecret("splunk", {}))
  })
})
