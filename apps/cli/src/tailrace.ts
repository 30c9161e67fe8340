/** The whole command line: the root with its shared flags, and every command. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Layer } from "effect"
import { Command, Flag } from "effect/cli"
import { awsRole } from "./commands/aws-role.ts"
import { cat } from "./commands/cat.ts"
import { config } from "./commands/config.ts"
import { destination } from "./commands/destination.ts"
import { key } from "./commands/key.ts"
import { member } from "./commands/member.ts"
import { produce } from "./commands/produce.ts"
import { start } from "./commands/start.ts"
import { tail } from "./commands/tail.ts"
import { tailnet } from "./commands/tailnet.ts"
import { token } from "./commands/token.ts"
import { exitCodes } from "./Failure.ts"
import { Output } from "./Output.ts"
import { Progress } from "./Progress.ts"
import { Server } from "./Server.ts"

const description = `Log streaming for tailnets, from the command line.

TAILRACE_URL says where the server is (http://127.0.0.1:8080), TAILRACE_KEY holds the API key, TAILRACE_TAILNET names
the tailnet (- is that of the key). Exit codes: ${exitCodes.ok} done, ${exitCodes.refused} refused by the server, \
${exitCodes.usage} wrong usage, ${exitCodes.unreachable} server not reached.`

const shared = {
  url: Flag.String("url").pipe(Flag.optional, Flag.withDescription("Where the server is")),
  tailnet: Flag.String("tailnet").pipe(Flag.optional, Flag.withDescription("Name or id of the tailnet")),
  json: Flag.Boolean("json").pipe(
    Flag.optional,
    Flag.withDescription("JSON instead of tables; the default where stdout is no terminal")
  )
}

export const tailrace = Command.make("tailrace").pipe(
  Command.withSharedFlags(shared),
  Command.withDescription(description),
  Command.withShortDescription("Log streaming for tailnets"),
  Command.withSubcommands([start, produce, tail, cat, tailnet, member, key, token, destination, awsRole, config]),
  Command.provide(({ json, tailnet, url }) =>
    Layer.mergeAll(
      Server.layer({ url, tailnet }).pipe(Layer.provide(NodeHttpClient.layerNodeHttp)),
      Output.layer(json),
      Progress.layer
    )
  )
)
