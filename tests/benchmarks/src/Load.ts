/**
 * The load generator, a process of its own whose cost is not counted: `node Load.ts <url> <token> <requests> [ndjson]`
 * posts bodies on four connections, one request after another on each, and prints how many records were accepted.
 */
import { Agent, request } from "node:http"
import process from "node:process"
import { hecBodies, ndjsonBodies, recordsPerBody } from "./HecBodies.ts"

const connections = 4

const [url = "", token = "", requests = "0", form = "hec"] = process.argv.slice(2)

const agent = new Agent({ keepAlive: true, maxSockets: connections })
const kinds = 8

const forms = {
  hec: {
    path: "/services/collector/event",
    headers: { authorization: `Splunk ${token}`, "content-type": "application/json" },
    bodies: () => hecBodies(kinds).map((texts) => texts.join(""))
  },
  ndjson: {
    path: "/api/v2/tailnet/-/logging/network/records",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    bodies: () => ndjsonBodies(kinds)
  }
}

const { headers, path, ...chosen } = form === "ndjson" ? forms.ndjson : forms.hec
const bodies = chosen.bodies().map((text) => Buffer.from(text))

const post = (body: Buffer): Promise<number> => {
  const { promise, reject, resolve } = Promise.withResolvers<number>()
  const sent = request(`${url}${path}`, { method: "POST", agent, headers }, (answer) => {
    answer.resume().on("end", () => resolve(answer.statusCode ?? 0)).on("error", reject)
  })
  // Without a length, so that it goes out in chunks, as Tailscale's do.
  sent.on("error", reject).write(body)
  sent.end()
  return promise
}

let left = Number(requests)
let accepted = 0

const keepPosting = async (): Promise<void> => {
  while (left-- > 0) {
    const status = await post(bodies[left % bodies.length] ?? Buffer.alloc(0))
    if (status === 200) accepted += recordsPerBody
    else console.log(`answered ${status}`)
  }
}

await Promise.all(Array.from({ length: connections }, keepPosting))
agent.destroy()
console.log(`accepted ${accepted}`)
