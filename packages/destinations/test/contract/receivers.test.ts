// Contract: whatever type the registry has behaves so, against real servers on this machine.
import { assert, describe, it } from "@effect/vitest"
import { receiverTypes } from "../../src/registry.ts"
import { answering } from "./answering.ts"
import { encoding } from "./encoding.ts"
import { probing } from "./probing.ts"
import { specimens } from "./specimens/index.ts"
import { transport } from "./transport.ts"

it("every registered type is here", () => {
  const here = new Set(Object.values(specimens).map(({ config }) => config("https://a.test")._tag))
  assert.sameMembers([...here], Object.keys(receiverTypes))
})

describe.each(Object.entries(specimens))("%s", (_, specimen) => {
  answering(specimen)
  transport(specimen)
  encoding(specimen)
  probing(specimen)
})
