// Table: in which forms a credential is looked for in answers.
import { assert, it } from "@effect/vitest"
import { basicCredential, secretForms } from "../../src/http/requestHeaders.ts"

it.each([
  ["plain", "", ["plain"]],
  ["p\"w/ä", "", ["p\"w/ä", "p\\\"w/ä", "p%22w%2F%C3%A4"]],
  ["key", "ApiKey key", ["ApiKey key", "ApiKey%20key", "key"]],
  ["", "", []]
])("%s, sent as %s", (secret, credential, forms) => assert.deepStrictEqual(secretForms(secret, credential), forms))

it("basic is base64 of UTF-8", () => assert.strictEqual(basicCredential("ü", "ß"), "Basic w7w6w58="))
