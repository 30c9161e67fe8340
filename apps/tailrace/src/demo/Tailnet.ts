/** Who and what lives in the demo's tailnet: a small company with people, laptops, servers and one subnet router. */

export interface Person {
  readonly id: string
  readonly loginName: string
  readonly displayName: string
}

export interface Node {
  readonly nodeId: string
  readonly name: string
  readonly addresses: readonly [ipv4: string, ipv6: string]
  readonly os: string
  readonly user?: string
  readonly tags?: ReadonlyArray<string>
  /** Where the node's own packets come from on the internet. */
  readonly endpoint: string
}

const person = (number: number, name: string): Person => ({
  id: `u${number}DEMOCNTRL`,
  loginName: `${name.split(" ", 1)[0]?.toLowerCase()}@example.com`,
  displayName: name
})

export const people = [
  person(1, "Amelie Fuchs"),
  person(2, "Ben Okafor"),
  person(3, "Chandra Rao"),
  person(4, "Dilan Yilmaz")
] as const

interface NodeFacts {
  readonly name: string
  readonly os: string
  readonly user?: string
  readonly tags?: ReadonlyArray<string>
}

const node = ({ name, os, ...owner }: NodeFacts, index: number): Node => ({
  nodeId: `n${index + 1}DEMOCNTRL`,
  name: `${name}.demo-tailnet.ts.net`,
  addresses: [`100.64.7.${index + 10}`, `fd7a:115c:a1e0::7:${(index + 10).toString(16)}`],
  os,
  ...owner,
  endpoint: `198.51.100.${index + 20}:41641`
})

/** Owned by people: they open connections. */
export const laptops: ReadonlyArray<Node> = [
  { name: "amelie-macbook", os: "macOS", user: people[0].loginName },
  { name: "ben-thinkpad", os: "linux", user: people[1].loginName },
  { name: "chandra-iphone", os: "iOS", user: people[2].loginName },
  { name: "chandra-desktop", os: "windows", user: people[2].loginName },
  { name: "dilan-pixel", os: "android", user: people[3].loginName }
].map(node)

/** Tagged: they answer. */
export const servers: ReadonlyArray<Node> = [
  { name: "db-1", os: "linux", tags: ["tag:database"] },
  { name: "web-1", os: "linux", tags: ["tag:server"] },
  { name: "web-2", os: "linux", tags: ["tag:server"] },
  { name: "git", os: "linux", tags: ["tag:server", "tag:ci"] },
  { name: "metrics", os: "freebsd", tags: ["tag:monitoring"] },
  { name: "office-router", os: "linux", tags: ["tag:router"] }
].map((facts, index) => node(facts, index + laptops.length))
