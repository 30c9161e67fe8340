/** The `kafka-acls.sh` commands of a document as the entries that they would make, for a cluster of a test. */
import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from "kafkajs"

const operations: Readonly<Record<string, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS
}

const resources: Readonly<Record<string, AclResourceTypes>> = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  "transactional-id": AclResourceTypes.TRANSACTIONAL_ID
}

const valuesOf = (line: string, option: string): ReadonlyArray<string> =>
  [...line.matchAll(new RegExp(`--${option} (\\S+)`, "g"))].map(([, value = ""]) => value)

const entriesOf = (line: string): ReadonlyArray<AclEntry> => {
  const isPrefix = line.includes("--resource-pattern-type prefixed")
  return valuesOf(line, "allow-principal").flatMap((principal) =>
    Object.entries(resources).flatMap(([option, resourceType]) =>
      valuesOf(line, option).flatMap((resourceName) =>
        valuesOf(line, "operation").map((operation) => ({
          principal,
          resourceName,
          resourceType,
          host: "*",
          operation: operations[operation] ?? AclOperationTypes.UNKNOWN,
          permissionType: AclPermissionTypes.ALLOW,
          resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL
        }))
      )
    )
  )
}

/** A `for user in a b; do … done` is unrolled; nothing else of a shell is understood. */
const unrolled = (script: string): string =>
  script.replace(
    /for user in ([\w ]+); do\n([\s\S]*?)done\n/g,
    (_, users: string, body: string) => users.split(" ").map((user) => body.replaceAll("$user", user)).join("")
  )

/**
 * @example
 * aclEntries("$acl --allow-principal User:a --operation Read --topic t")
 */
export const aclEntries = (script: string): ReadonlyArray<AclEntry> =>
  unrolled(script).split("\n").filter((line) => line.includes("--allow-principal")).flatMap(entriesOf)
