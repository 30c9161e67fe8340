import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import type { Actor, Command, ControlRecord, TailnetState } from "../src/index.ts"
import { awsAccountOf, includes, LogType, Plan, Role, Tailnet } from "../src/index.ts"
import { addMember, at, create, day, type Demo, demo, dst, envelope, hash, put, s3, send, stateOf } from "./Demo.ts"
import { system, upload, user } from "./Demo.ts"

const record = (fold: Tailnet.TailnetFold | undefined, commandId: string): ControlRecord =>
  Tailnet.recordOf(
    envelope(user("owner"), addMember(commandId, "member"), commandId),
    fold?.state.version ?? 0,
    [{ _tag: "MemberAdded", userId: commandId, loginName: commandId, displayName: "", role: "member" }]
  )

describe("Fold", () => {
  it("only a record for this very version with a new command id counts", () => {
    const { fold } = demo()
    const good = record(fold, "new")
    assert.isTrue(Tailnet.accept(fold, good))
    for (
      const bad of [
        { ...good, expectedVersion: good.expectedVersion - 1 },
        { ...good, expectedVersion: good.expectedVersion + 1 },
        { ...good, commandId: "c1" },
        { ...good, events: [] },
        { ...good, events: [{ _tag: "TailnetCreated" as const, tailnetId: "T1CNTRL", plan: "personal" as const }] }
      ]
    ) {
      assert.isFalse(Tailnet.accept(fold, bad))
      assert.isUndefined(Tailnet.take(fold, { record: bad, lane: 0, offset: 9 }))
    }
    assert.isFalse(Tailnet.accept(undefined, { ...good, expectedVersion: 0 }))
  })

  it("remembers the last thousand command ids, no more", () => {
    let { fold } = demo()
    const first = record(fold, "first")
    fold = Tailnet.take(fold, { record: first, lane: 0, offset: 0 })
    const repeated = () => ({ ...record(fold, "again"), commandId: "first" })
    for (let n = 1; n < Tailnet.rememberedCommands; n++) {
      fold = Tailnet.take(fold, { record: record(fold, `n${n}`), lane: 0, offset: n })
    }
    assert.isFalse(Tailnet.accept(fold, repeated()))
    fold = Tailnet.take(fold, { record: record(fold, "last"), lane: 0, offset: 1 })
    assert.isTrue(Tailnet.accept(fold, repeated()))
    assert.strictEqual(fold?.commandIds.length, Tailnet.rememberedCommands)
  })
})

const userId = fc.constantFrom("owner", "admin", "it-admin", "network-admin", "auditor", "x", "y")
const id = fc.constantFrom("a", "b", "c", "d")
const logType = fc.constantFrom(...LogType.literals)
const externalId = fc.constantFrom("e", "f")
const role = fc.tuple(fc.constantFrom("111111111111", "222222222222"), externalId).map(([account, externalId]) => ({
  arn: `arn:aws:iam::${account}:role/logs`,
  externalId
}))
const wanted = fc.record({
  config: fc.oneof(
    fc.constantFrom("one", "two").map((bucket) => ({ ...s3, bucket })),
    role.map((role) => ({ ...s3, role }))
  ),
  upload: fc.constantFrom(0, 5, 60, 86_400, 86_401).map((periodSeconds) => ({ ...upload, periodSeconds })),
  secretVersion: fc.constantFrom("v1", "v2")
})
const start = fc.oneof(
  fc.constant({ _tag: "At" as const, offsets: [0, 0] }),
  id.map((it) => ({ _tag: "Replaces" as const, destination: dst(it) }))
)

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom(...Plan.literals).map((plan): Command => ({ _tag: "ChangePlan", plan })),
  fc.boolean().map((on): Command => ({ _tag: "ChangeSettings", changes: { networkFlowLoggingOn: on } })),
  fc.tuple(userId, fc.constantFrom(...Role.literals)).map(([who, role]) => addMember(who, role)),
  fc.tuple(userId, fc.constantFrom(...Role.literals)).map(([userId, role]): Command => ({
    _tag: "ChangeMemberRole",
    userId,
    role
  })),
  userId.map((userId): Command => ({ _tag: "RemoveMember", userId })),
  fc.tuple(userId, id).map(([userId, keyId]): Command => ({
    _tag: "CreateApiKey",
    userId,
    keyId,
    hash,
    description: "",
    expiresAt: at + day
  })),
  id.map((keyId): Command => ({ _tag: "RevokeApiKey", keyId })),
  fc.tuple(id, logType, start, wanted).map(([it, logType, start, wanted]) => create(it, { logType, start, ...wanted })),
  fc.tuple(id, logType, wanted).map(([it, logType, wanted]) => put(it, { logType, ...wanted })),
  fc.tuple(id, wanted).map(([it, wanted]): Command => ({
    _tag: "UpdateDestination",
    destination: dst(it),
    ...wanted
  })),
  logType.map((logType): Command => ({ _tag: "DeleteStream", logType })),
  fc.tuple(externalId, fc.boolean()).map(([externalId, reusable]): Command => ({
    _tag: "IssueAwsExternalId",
    externalId,
    reusable
  })),
  fc.tuple(
    id,
    fc.constantFrom("DeleteDestination" as const, "PauseDestination" as const, "ResumeDestination" as const)
  ).map(([it, _tag]): Command => ({ _tag, destination: dst(it) }))
)

const actor: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(system) },
  { weight: 3, arbitrary: fc.constant(user("owner")) },
  { weight: 2, arbitrary: userId.map(user) }
)
const sent = fc.array(fc.tuple(actor, command), { minLength: 15, maxLength: 30 })

/** Whoever uses a role has its account's id, and a destination's roles are all of one account until it has none. */
const rolesAreLinked = (state: TailnetState): void => {
  for (const { deleted, versions } of state.destinations.values()) {
    const roles = versions.map(({ config }) => config._tag === "s3" ? config.role : undefined)
    const inForce = roles.at(-1)
    if (deleted || inForce === undefined) continue
    assert.strictEqual(state.externalIds.get(inForce.externalId)?.account, awsAccountOf(inForce.arn))
    const before = roles.at(-2)
    if (before !== undefined) assert.strictEqual(awsAccountOf(before.arn), awsAccountOf(inForce.arn))
  }
}

const invariants = (state: TailnetState): void => {
  const owners = [...state.members.values()].filter(({ role }) => role === "owner")
  assert.strictEqual(owners.length, 1)
  assert.isTrue(includes(state.plan, "flow-logs") || !state.settings.networkFlowLoggingOn)
  for (const type of LogType.literals) {
    const inSlot = [...state.destinations.values()].filter((it) =>
      it.slot === "stream" && !it.deleted && it.logType === type
    )
    assert.isAtMost(inSlot.length, 1)
  }
  for (const { versions } of state.destinations.values()) {
    assert.deepStrictEqual(versions.map(({ version }) => version), versions.map((_, index) => index + 1))
    for (const { upload } of versions) assert.isTrue(upload.periodSeconds >= 5 && upload.periodSeconds <= 86_400)
  }
  rolesAreLinked(state)
  for (const key of state.apiKeys.values()) assert.isTrue(key.revokedAt !== null || state.members.has(key.userId))
}

describe("any commands", () => {
  it("decide and evolve agree, and the invariants hold after each", () => {
    let happened = 0
    fc.assert(
      fc.property(sent, (commands) => {
        const it = demo()
        for (const [actor, command] of commands) {
          const before = stateOf(it)
          const copy = structuredClone(before)
          const decision = send(it, actor, command)
          assert.deepStrictEqual(structuredClone(before), copy, "a state was changed in place")
          invariants(stateOf(it))
          const changed = Result.isSuccess(decision) && decision.success.length > 0
          assert.strictEqual(stateOf(it).version, before.version + (changed ? 1 : 0))
          happened += changed ? 1 : 0
        }
      }),
      { numRuns: 100 }
    )
    assert.isAbove(happened, 500)
  })

  it("a command that has happened, sent again at once, changes nothing or is refused", () => {
    fc.assert(
      fc.property(sent, actor, command, (commands, actor, command) => {
        const it: Demo = demo()
        for (const [who, what] of commands) send(it, who, what)
        if (Result.isFailure(send(it, actor, command))) return
        const again = send(it, actor, command)
        assert.isTrue(Result.isFailure(again) || again.success.length === 0)
      }),
      { numRuns: 100 }
    )
  })
})
