import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { isDeliverable, isMailAddress, parseSmtpUrl } from "../src/index.ts"

describe("mail addresses", () => {
  it.each([
    ["Olga.O'Neil+logs@mail.acme.io", true],
    ["o@localhost", true],
    ["olga", false],
    ["olga@", false],
    ["@acme.io", false],
    ["o@acme.io, p@acme.io", false],
    ["Olga <o@acme.io>", false],
    ["o@acme.io\nBcc: p@acme.io", false],
    [`${"o".repeat(300)}@acme.io`, false]
  ])("%j: %s", (text, expected) => {
    assert.strictEqual(isMailAddress(text), expected)
  })

  it.each([
    ["owner@acme.io", true],
    ["owner@example.com", false],
    ["owner@EXAMPLE.com", false],
    ["owner@notexample.com", true],
    ["owner@mail.example.org", false],
    ["owner@acme.test", false],
    ["owner@localhost", false],
    ["owner", false]
  ])("mail to %s may reach somebody: %s", (text, expected) => {
    assert.strictEqual(isDeliverable(text), expected)
  })

  it.each([
    ["smtp://mail.acme.io", true],
    ["smtps://olga:p%40ss@mail.acme.io:465", true],
    ["smtp://[::1]:2525/", true],
    ["", false],
    ["mail.acme.io:25", false],
    ["http://mail.acme.io", false],
    ["smtp://olga@mail.acme.io", false],
    ["smtp://olga:100%@mail.acme.io", false],
    ["smtp://mail.acme.io/?pool=true", false],
    ["smtp://mail.acme.io/queue", false]
  ])("%s is where mail is handed over: %s", (text, expected) => {
    assert.strictEqual(Option.isSome(parseSmtpUrl(text)), expected)
  })
})
