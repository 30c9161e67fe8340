/** Members, API keys and ingest tokens. Secrets are shown by the call that makes them, and never again. */
import { type KeyAnswer, maxKeySeconds, Missing, Principal, TailraceApi, type UserAnswer } from "@tailrace/api"
import type { ApiKey, Command, IngestToken, Member, TailnetState } from "@tailrace/domain"
import { Clock, Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Authentication } from "../access/Authentication.ts"
import { mintApiKey, mintId, mintIngestToken } from "../access/Credential.ts"
import { Commands } from "../command/Commands.ts"
import { given } from "../destination/wanted/Given.ts"
import { rfc3339 } from "../Time.ts"

const userAnswer = (tailnet: TailnetState, member: Member): UserAnswer => ({
  id: member.userId,
  displayName: member.displayName,
  loginName: member.loginName,
  tailnetId: tailnet.id,
  type: "member",
  role: member.role,
  status: "active"
})

/** Carries out a command in the tailnet of the path. */
const makeSend = Effect.map(Commands, (commands) =>
  Effect.fnUntraced(function*(path: string, command: Command) {
    const who = yield* Principal
    const { name } = yield* commands.tailnet(who, path)
    const { state } = yield* commands.execute(yield* commands.envelope(who, { tailnet: name, command }))
    return state
  }))

const found = <A>(what: string, id: string, value: A | undefined) =>
  value === undefined ? Effect.fail(new Missing({ message: `${what} ${id} not found` })) : Effect.succeed(value)

export const UsersHandlers = HttpApiBuilder.group(
  TailraceApi,
  "users",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const send = yield* makeSend
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ params, query }) {
        const state = yield* commands.tailnetFor(yield* Principal, params.tailnet, "members:read")
        const wanted = [...state.members.values()].filter(({ role }) => (query.role ?? role) === role)
        return { users: query.type === "shared" ? [] : wanted.map((member) => userAnswer(state, member)) }
      }),
      add: Effect.fnUntraced(function*({ params, payload: { displayName, loginName, role } }) {
        const member = { userId: yield* mintId("u"), loginName, displayName: given(displayName) ?? loginName, role }
        return userAnswer(yield* send(params.tailnet, { _tag: "AddMember", ...member }), member)
      }),
      get: Effect.fnUntraced(function*({ params: { user } }) {
        const state = yield* commands.tailnetFor(yield* Principal, "-", "members:read")
        return userAnswer(state, yield* found("user", user, state.members.get(user)))
      }),
      role: ({ params: { user }, payload: { role } }) =>
        Effect.asVoid(send("-", { _tag: "ChangeMemberRole", userId: user, role })),
      delete: ({ params: { user } }) => Effect.asVoid(send("-", { _tag: "RemoveMember", userId: user }))
    })
  })
)

const keyAnswer = (key: ApiKey, lastUsed: number | undefined, now: number): KeyAnswer => ({
  id: key.keyId,
  keyType: "api",
  description: key.description,
  userId: key.userId,
  created: rfc3339(key.createdAt),
  expires: rfc3339(key.expiresAt),
  ...(key.revokedAt === null ? {} : { revoked: rfc3339(key.revokedAt) }),
  ...(lastUsed === undefined ? {} : { lastUsed: rfc3339(lastUsed) }),
  invalid: key.revokedAt !== null || key.expiresAt <= now
})

export const KeysHandlers = HttpApiBuilder.group(
  TailraceApi,
  "keys",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const authentication = yield* Authentication
    const send = yield* makeSend
    const show = (key: ApiKey) =>
      Effect.map(Clock.currentTimeMillis, (now) => keyAnswer(key, authentication.lastUsed(key.keyId), now))
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ params }) {
        const { apiKeys } = yield* commands.tailnetFor(yield* Principal, params.tailnet, "keys:read")
        return { keys: yield* Effect.forEach([...apiKeys.values()], show) }
      }),
      create: Effect.fnUntraced(function*({ params, payload }) {
        const { hash, id: keyId, secret } = yield* mintApiKey
        const seconds = payload.expirySeconds ?? 0
        const expiresAt = (yield* Clock.currentTimeMillis) + (seconds === 0 ? maxKeySeconds : seconds) * 1000
        const userId = given(payload.userId) ?? (yield* Principal).userId
        const description = given(payload.description) ?? ""
        const key = { keyId, hash, description, expiresAt, userId }
        const state = yield* send(params.tailnet, { _tag: "CreateApiKey", ...key })
        const answer = yield* show(yield* found("key", keyId, state.apiKeys.get(keyId)))
        return { ...answer, key: Redacted.value(secret) }
      }),
      get: Effect.fnUntraced(function*({ params: { key, tailnet } }) {
        const { apiKeys } = yield* commands.tailnetFor(yield* Principal, tailnet, "keys:read")
        return yield* show(yield* found("key", key, apiKeys.get(key)))
      }),
      revoke: ({ params: { key, tailnet } }) => Effect.asVoid(send(tailnet, { _tag: "RevokeApiKey", keyId: key }))
    })
  })
)

const tokenAnswer = (token: IngestToken) => ({
  id: token.tokenId,
  description: token.description,
  created: rfc3339(token.createdAt),
  ...(token.revokedAt === null ? {} : { revoked: rfc3339(token.revokedAt) })
})

export const IngestTokensHandlers = HttpApiBuilder.group(
  TailraceApi,
  "ingestTokens",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const send = yield* makeSend
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ params }) {
        const { ingestTokens } = yield* commands.tailnetFor(yield* Principal, params.tailnet, "keys:read")
        return { tokens: [...ingestTokens.values()].map(tokenAnswer) }
      }),
      create: Effect.fnUntraced(function*({ params, payload }) {
        const { hash, id: tokenId, secret } = yield* mintIngestToken
        const token = { tokenId, hash, description: given(payload.description) ?? "" }
        const state = yield* send(params.tailnet, { _tag: "CreateIngestToken", ...token })
        const made = yield* found("token", tokenId, state.ingestTokens.get(tokenId))
        return { ...tokenAnswer(made), token: Redacted.value(secret) }
      }),
      revoke: ({ params: { tailnet, token } }) =>
        Effect.asVoid(send(tailnet, { _tag: "RevokeIngestToken", tokenId: token }))
    })
  })
)
