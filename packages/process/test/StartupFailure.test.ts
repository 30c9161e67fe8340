// Failures become one line each; a bug is said to be one, without its stack.
import { assert, describe, it } from "@effect/vitest"
import { HttpServerError } from "effect/http"
import { explain, listenFailure, StartupFailure } from "../src/StartupFailure.ts"

const serveError = (code: string) =>
  new HttpServerError.ServeError({ cause: Object.assign(new Error(`listen ${code}`), { code }) })

describe("failures", () => {
  const lines: ReadonlyArray<readonly [code: string, line: RegExp]> = [
    ["EADDRINUSE", /^cannot listen on 127\.0\.0\.1:80: the address is taken/],
    ["EACCES", /may not listen there/],
    ["EADDRNOTAVAIL", /does not have that address/],
    ["ENOTFOUND", /no such host/],
    ["EWHATEVER", /^cannot listen on 127\.0\.0\.1:80: listen EWHATEVER$/]
  ]
  for (const [code, line] of lines) {
    it(code, () => assert.match(listenFailure("127.0.0.1:80", serveError(code)).message, line))
  }

  it("ours are said as they are", () => {
    assert.strictEqual(explain(new StartupFailure({ message: "no\nmore" })), "no")
  })

  it("bugs are said to be bugs", () => {
    assert.strictEqual(explain(new TypeError("x is undefined")), "unexpected failure, please report it: x is undefined")
    assert.strictEqual(explain("odd"), "unexpected failure, please report it: odd")
  })
})
