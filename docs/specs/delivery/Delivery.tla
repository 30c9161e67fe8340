------------------------------ MODULE Delivery ------------------------------
(***************************************************************************)
(* One leg (one destination on one lane): rules 1, 2, 6, 7, 8 and 9 of     *)
(* docs/delivery.md.  Records are the offsets 0, 1, ... of the lane.       *)
(* Mut = "none" is the design with the fixes named in README.md; every     *)
(* other value of Mut puts one fault in.                                   *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS Owner,       \* processes that may own the lane
          Strict,      \* the one whose validator refuses record 1 (another release)
          MaxRec,      \* records ever appended
          MaxClaim,    \* claims ever made; a crash leaves room for one more
          MaxChange,   \* configuration changes
          Changes,     \* kinds: "target" "cred" "codec" "replace" "delete"
          MaxForeign,  \* objects that others put under our keys
          MaxExpire,   \* how far retention may advance
          Positions,   \* are positions records written and used?
          Mut, None

VARIABLES next, earliest,        \* the log: [earliest, next) can be read
          api, startAt, due,     \* creation; due (ghost): next at the API's answer
          ctl,                   \* configurations; the index is configVersion
          epoch, ledger, pos,    \* the broker: fencing, ledger, positions record
          own,                   \* memory of each process
          net, store             \* PUTs under way; objects

vars == <<next, earliest, api, startAt, due, ctl, epoch, ledger, pos, own, net, store>>
log == <<next, earliest>>
create == <<api, startAt, due>>
durable == <<epoch, ledger, pos>>

----------------------------------------------------------------------------
(* The ledger and its fold *)


Sealed(s)       == [e |-> "sealed", s |-> s]
Delivered(s)    == [e |-> "delivered", s |-> s]       \* with s.skip to quarantine
Abandoned(s, m) == [e |-> "abandoned", s |-> s, maybeStored |-> m]
Expired(f, t)   == [e |-> "expired", from |-> f, to |-> t]

Step(f, v) ==
  CASE v.e = "sealed"    -> IF Mut = "cursorAtSeal"
                            THEN [f EXCEPT !.cur = v.s.to, !.last = <<v.s.dest, v.s.key>>]
                            ELSE [f EXCEPT !.seal = v.s, !.last = <<v.s.dest, v.s.key>>]
    [] v.e = "delivered" -> [f EXCEPT !.seal = None, !.cur = v.s.to]
    [] v.e = "abandoned" -> [f EXCEPT !.seal = None,
                                      !.cur = IF Mut = "abandonTo" THEN v.s.to ELSE v.s.from]
    [] v.e = "expired"   -> [f EXCEPT !.cur = v.to]

RECURSIVE Fold(_, _)
Fold(f, evs) == IF evs = <<>> THEN f ELSE Fold(Step(f, Head(evs)), Tail(evs))

Start == [cur |-> startAt, seal |-> None, last |-> <<0, 0>>]
Full  == Fold(Start, ledger)                          \* what the whole ledger says
Known == IF pos = None THEN Full                      \* what a takeover reads (rule 1)
         ELSE Fold(pos.leg, SubSeq(ledger, pos.at + 1, Len(ledger)))
Snapshot == IF Mut = "posCursorOnly" THEN [Full EXCEPT !.seal = None, !.last = <<0, 0>>] ELSE Full

----------------------------------------------------------------------------
(* Processes.  ph: idle -> sealed -> wait -> ok | 412 | (again) sealed; 412 -> ok | taken *)

Down == [st |-> "down", ep |-> 0, seen |-> 0, cur |-> 0, seal |-> None, last |-> <<0, 0>>,
         body |-> None, ph |-> "idle", clean |-> FALSE, tried |-> FALSE]

Range(s)    == s.from .. (s.to - 1)
Refuses(o)  == IF o = Strict THEN {1} ELSE {}         \* today's validator of this process
Content(s)  == Range(s) \ s.skip                      \* uncompressed content: log and seal only
Build(o, s) == IF Mut = "todaysValidator" THEN Range(s) \ Refuses(o) ELSE Content(s)
Conf(o)     == ctl[own[o].seen]
Changed(o)  == LET c == Conf(o)  s == own[o].seal
               IN ~c.alive \/ c.target # s.target \/ c.dest # s.dest
Lost(o)     == own[o].body = None /\ earliest > own[o].seal.from    \* cannot be rebuilt
NewKey(last, c) == IF last[1] = c.dest THEN last[2] + 1 ELSE 1      \* rule 7, abstractly
Run(o, ph)  == own[o].st = "run" /\ own[o].ph = ph
Orphan(o)   == {IF r.o = o THEN [r EXCEPT !.o = None] ELSE r : r \in net}

\* Rule 1: every ledger step is a fenced commit; a fenced process stops.
Commit(o, evs, mem) ==
  IF own[o].ep = epoch \/ Mut = "noFence"
  THEN ledger' = ledger \o evs /\ own' = [own EXCEPT ![o] = mem]
  ELSE own' = [own EXCEPT ![o] = Down] /\ UNCHANGED ledger

Claim(o) ==
  /\ own[o].st \in (IF Mut = "foldBeforeClaim" THEN {"folded"} ELSE {"down"})
  /\ Len(ctl) > 0 /\ startAt # None /\ epoch < MaxClaim
  /\ epoch' = epoch + 1
  /\ own' = [own EXCEPT ![o].st = IF Mut = "foldBeforeClaim" THEN "run" ELSE "claimed", ![o].ep = epoch + 1]
  /\ UNCHANGED <<log, create, ctl, ledger, pos, net, store>>

\* The fold counts only if a first commit under this claim succeeds (own.ep = epoch); so a process
\* that was fenced before its fold never learns of its successor's seals.
FoldLedger(o) ==
  /\ own[o].st = IF Mut = "foldBeforeClaim" THEN "down" ELSE "claimed"
  /\ Len(ctl) > 0 /\ startAt # None
  /\ \E v \in IF Mut = "staleControl" THEN 1 .. Len(ctl) ELSE {Len(ctl)} :
       own' = [own EXCEPT ![o] =
         IF own[o].ep # epoch /\ Mut \notin {"foldUnconfirmed", "foldBeforeClaim", "noFence"} THEN Down
         ELSE [Down EXCEPT !.st = IF Mut = "foldBeforeClaim" THEN "folded" ELSE "run",
                           !.ep = own[o].ep, !.seen = v,
                           !.cur = Known.cur, !.seal = Known.seal, !.last = Known.last,
                           !.ph = IF Known.seal = None THEN "idle" ELSE "sealed"]]
  /\ UNCHANGED <<log, create, ctl, durable, net, store>>

Crash(o) == /\ own[o].st # "down" /\ epoch < MaxClaim
            /\ own' = [own EXCEPT ![o] = Down] /\ net' = Orphan(o)
            /\ UNCHANGED <<log, create, ctl, durable, store>>

See(o) == /\ own[o].st = "run" /\ own[o].seen < Len(ctl)
          /\ own' = [own EXCEPT ![o].seen = @ + 1]
          /\ UNCHANGED <<log, create, ctl, durable, net, store>>

WritePositions(o) ==
  /\ Positions /\ own[o].st = "run" /\ own[o].ep = epoch
  /\ pos' = [at |-> Len(ledger), leg |-> Snapshot]
  /\ UNCHANGED <<log, create, ctl, epoch, ledger, own, net, store>>

\* Rule 6: the seal is committed before the first byte is sent.
NewSeal(o, from, to, skip) ==
  LET c == Conf(o) IN
  [id |-> <<own[o].ep, c.dest, NewKey(own[o].last, c)>>, from |-> from, to |-> to, skip |-> skip,
   key |-> NewKey(own[o].last, c), target |-> c.target, dest |-> c.dest, codec |-> c.codec,
   cfg |-> own[o].seen]

Holding(o, s) == [own[o] EXCEPT !.seal = s, !.last = <<s.dest, s.key>>, !.body = Build(o, s),
                                !.ph = "sealed", !.clean = TRUE, !.tried = FALSE]

Seal(o) ==
  /\ Run(o, "idle") /\ Conf(o).alive /\ earliest <= own[o].cur
  /\ \E to \in (own[o].cur + 1) .. next :
       LET s == NewSeal(o, own[o].cur, to, Refuses(o) \cap (own[o].cur .. (to - 1)))
       IN Commit(o, IF Mut = "sealAfterSend" THEN <<>> ELSE <<Sealed(s)>>, Holding(o, s))
  /\ UNCHANGED <<log, create, ctl, epoch, pos, net, store>>

Rebuild(o) ==
  /\ Run(o, "sealed") /\ own[o].body = None /\ earliest <= own[o].seal.from
  /\ own' = [own EXCEPT ![o].body = Build(o, own[o].seal)]
  /\ UNCHANGED <<log, create, ctl, durable, net, store>>

\* Rule 8.  After the change of the target only one attempt (rule 9).
Send(o) ==
  /\ Run(o, "sealed") /\ own[o].body # None /\ (~Changed(o) \/ ~own[o].tried)
  /\ LET s == IF Mut = "resendToNewTarget" /\ Conf(o).alive
              THEN [own[o].seal EXCEPT !.target = Conf(o).target] ELSE own[o].seal
     IN net' = net \cup {[o |-> o, s |-> s, recs |-> own[o].body]}
  /\ own' = [own EXCEPT ![o].ph = "wait", ![o].tried = Changed(o)]
  /\ UNCHANGED <<log, create, ctl, durable, store>>

\* No answer: not stored, stored with the answer lost, or still under way.
Timeout(o) ==
  /\ Run(o, "wait")
  /\ own' = [own EXCEPT ![o].ph = "sealed", ![o].clean = FALSE] /\ net' = Orphan(o)
  /\ UNCHANGED <<log, create, ctl, durable, store>>

Answer(r, a) == own' = IF r.o = None THEN own ELSE [own EXCEPT ![r.o].ph = a]

Land(r) ==                       \* PUT with If-None-Match: *, at any later time
  LET taken == \E b \in store : b.t = r.s.target /\ b.k = r.s.key IN
  /\ net' = net \ {r}
  /\ IF taken THEN UNCHANGED store
     ELSE store' = store \cup {[t |-> r.s.target, k |-> r.s.key, s |-> r.s, recs |-> r.recs]}
  /\ Answer(r, IF ~taken \/ Mut = "ignore412Owner" THEN "ok" ELSE "412")
  /\ UNCHANGED <<log, create, ctl, durable>>

Refuse(r) ==                     \* an answer that says: not stored (403, 404, ...)
  /\ r.o # None /\ net' = net \ {r} /\ Answer(r, "sealed")
  /\ UNCHANGED <<log, create, ctl, durable, store>>

At(s) == {b \in store : b.t = s.target /\ b.k = s.key}

Inspect(o) ==                    \* HEAD after 412, or because the body is lost
  /\ \/ Run(o, "412")
     \/ Run(o, "sealed") /\ Lost(o) /\ ~own[o].tried /\ Mut # "noHeadWhenExpired"
  /\ LET s == own[o].seal
         ours == \E b \in At(s) : b.s # None /\ b.s.id = s.id
     IN own' = [own EXCEPT
                  ![o].ph = CASE Mut = "own412IsForeign" /\ ours -> "taken"
                              [] ours -> "ok"
                              [] ~ours /\ At(s) # {} -> "taken"
                              [] OTHER -> "sealed",
                  ![o].tried = @ \/ At(s) = {}]
  /\ UNCHANGED <<log, create, ctl, durable, net, store>>

Deliver(o) ==
  /\ Run(o, "ok")
  /\ LET s == own[o].seal
     IN Commit(o, IF Mut = "sealAfterSend" THEN <<Sealed(s), Delivered(s)>> ELSE <<Delivered(s)>>,
               [own[o] EXCEPT !.cur = s.to, !.seal = None, !.body = None, !.ph = "idle",
                              !.clean = FALSE, !.tried = FALSE])
  /\ UNCHANGED <<log, create, ctl, epoch, pos, net, store>>

Reseal(o) ==                     \* the key is another's: same records, new seal, new key
  /\ Run(o, "taken") /\ ~Changed(o) /\ own[o].body # None
  /\ LET s == NewSeal(o, own[o].seal.from, own[o].seal.to, own[o].seal.skip)
     IN Commit(o, <<Sealed(s)>>, Holding(o, s))
  /\ UNCHANGED <<log, create, ctl, epoch, pos, net, store>>

\* Rule 9.  clean: sealed under this claim, and no PUT of it without an answer.
Abandon(o) ==
  /\ own[o].st = "run" /\ own[o].seal # None
  /\ \/ own[o].ph = "sealed" /\ own[o].tried /\ (Changed(o) \/ Lost(o))
     \/ own[o].ph = "taken" /\ (Changed(o) \/ own[o].body = None)
     \/ own[o].ph = "412" /\ Changed(o)                    \* HEAD is refused
  /\ LET s == own[o].seal
         m == own[o].ph # "taken" /\ ~own[o].clean /\ Mut # "maybeFromLastTry"
     IN Commit(o, <<Abandoned(s, m)>>,
               [own[o] EXCEPT !.cur = IF Mut = "abandonTo" THEN s.to ELSE s.from,
                              !.seal = None, !.body = None, !.ph = "idle",
                              !.clean = FALSE, !.tried = FALSE])
  /\ UNCHANGED <<log, create, ctl, epoch, pos, net, store>>

RecordsExpired(o) ==
  /\ Run(o, "idle") /\ Conf(o).alive /\ own[o].cur < earliest
  /\ Commit(o, <<Expired(own[o].cur, earliest)>>, [own[o] EXCEPT !.cur = earliest])
  /\ UNCHANGED <<log, create, ctl, epoch, pos, net, store>>

----------------------------------------------------------------------------
(* The environment *)

AppendRecord == /\ next < MaxRec /\ next' = next + 1
                /\ UNCHANGED <<earliest, create, ctl, durable, own, net, store>>
Expire == /\ earliest < next /\ earliest < MaxExpire /\ earliest' = earliest + 1
          /\ UNCHANGED <<next, create, ctl, durable, own, net, store>>

First == [target |-> 1, dest |-> 1, codec |-> "zstd", cred |-> 1, alive |-> TRUE]
ReadStart ==                     \* rule 2: read before the event is appended
  /\ \/ api = "idle" /\ Mut # "startAfterEvent" /\ api' = "read"
     \/ api \in {"event", "answered"} /\ startAt = None /\ api' = api
  /\ startAt' = next
  /\ UNCHANGED <<log, due, ctl, durable, own, net, store>>
AppendEvent ==
  /\ api = IF Mut = "startAfterEvent" THEN "idle" ELSE "read"
  /\ api' = "event" /\ ctl' = <<First>>
  /\ UNCHANGED <<log, startAt, due, durable, own, net, store>>
AnswerClient ==
  /\ api = "event" /\ api' = "answered" /\ due' = next
  /\ UNCHANGED <<log, startAt, ctl, durable, own, net, store>>

Change ==
  /\ ctl # <<>> /\ Len(ctl) <= MaxChange /\ ctl[Len(ctl)].alive
  /\ LET c == ctl[Len(ctl)] IN \E kind \in Changes :
       ctl' = Append(ctl, CASE kind = "target"  -> [c EXCEPT !.target = 3 - @]
                             [] kind = "cred"    -> [c EXCEPT !.cred = @ + 1]
                             [] kind = "codec"   -> [c EXCEPT !.codec = "gzip"]
                             [] kind = "replace" -> [c EXCEPT !.dest = @ + 1]
                             [] kind = "delete"  -> [c EXCEPT !.alive = FALSE])
  /\ UNCHANGED <<log, create, durable, own, net, store>>

Foreign ==
  /\ Cardinality({b \in store : b.s = None}) < MaxForeign
  /\ \E t \in 1 .. 2, k \in 1 .. 2 :
       /\ ~\E b \in store : b.t = t /\ b.k = k
       /\ store' = store \cup {[t |-> t, k |-> k, s |-> None, recs |-> {}]}
  /\ UNCHANGED <<log, create, ctl, durable, own, net>>

----------------------------------------------------------------------------
Init == /\ next = 0 /\ earliest = 0 /\ api = "idle" /\ startAt = None /\ due = 0
        /\ ctl = <<>> /\ epoch = 0 /\ ledger = <<>> /\ pos = None
        /\ own = [o \in Owner |-> Down] /\ net = {} /\ store = {}

Process(o) == \/ Claim(o) \/ FoldLedger(o) \/ See(o) \/ WritePositions(o) \/ Seal(o) \/ Rebuild(o)
              \/ Send(o) \/ Timeout(o) \/ Inspect(o) \/ Deliver(o) \/ Reseal(o) \/ Abandon(o)
              \/ RecordsExpired(o) \/ Crash(o)
PutLands   == \E r \in net : Land(r)
PutRefused == \E r \in net : Refuse(r)
Next == \/ \E o \in Owner : Process(o)
        \/ PutLands \/ PutRefused
        \/ AppendRecord \/ Expire \/ ReadStart \/ AppendEvent \/ AnswerClient \/ Change \/ Foreign
Spec == Init /\ [][Next]_vars

\* For Progress: whoever can act does, and answers are not lost for ever.
Answered(o) == \E r \in net : r.o = o /\ Land(r)
Act(o) == \/ Claim(o) \/ FoldLedger(o) \/ See(o) \/ Seal(o) \/ Rebuild(o) \/ Send(o) \/ Inspect(o)
          \/ Deliver(o) \/ Reseal(o) \/ Abandon(o) \/ RecordsExpired(o)
LiveSpec == /\ Spec /\ WF_vars(ReadStart \/ AppendEvent \/ AnswerClient)
            /\ \A o \in Owner : WF_vars(Act(o)) /\ SF_vars(Answered(o))

----------------------------------------------------------------------------
(* Invariants *)

Events(kind) == {ledger[i] : i \in {j \in 1 .. Len(ledger) : ledger[j].e = kind}}
DeliveredIds == {v.s.id : v \in Events("delivered")}
Ours         == {b \in store : b.s # None}
MaybeStored  == {v.s.id : v \in {w \in Events("abandoned") : w.maybeStored}}

\* 1. What the cursor has passed is in a delivered object, in quarantine, or reported as expired.
NoLoss == (api = "answered" /\ startAt # None) =>
  \A r \in due .. (Full.cur - 1) :
     \/ \E b \in Ours : b.s.id \in DeliveredIds /\ r \in b.recs
     \/ \E v \in Events("delivered") : r \in v.s.skip
     \/ \E v \in Events("expired") : v.from <= r /\ r < v.to /\ v.to <= earliest

\* 2. No record is in two objects, but for seals abandoned with maybeStored.
NoDuplicate == \A a, b \in {x \in Ours : x.s.id \notin MaybeStored} :
  a # b => a.recs \cap b.recs = {}

\* ... and every object of ours is explained by the ledger.
Visible == \A b \in Ours :
  \/ b.s.id \in DeliveredIds \/ b.s.id \in MaybeStored
  \/ Full.seal # None /\ Full.seal.id = b.s.id

\* 3. Deliveries follow the log, and keys follow deliveries.
Order == \A i, j \in 1 .. Len(ledger) :
  (i < j /\ ledger[i].e = "delivered" /\ ledger[j].e = "delivered") =>
     LET a == ledger[i].s  b == ledger[j].s
     IN a.to <= b.from /\ ((a.dest = b.dest /\ a.target = b.target) => a.key < b.key)

\* 6. Content and codec are those of the seal, whoever sends and whenever.
SameContent == \A v \in Events("sealed") :
  /\ \A b \in Ours : b.s.id = v.s.id => b.recs = Content(v.s) /\ b.s = v.s
  /\ \A r \in net  : r.s.id = v.s.id => r.recs = Content(v.s) /\ r.s = v.s

\* The ledger never goes back to an older configuration.
ConfigForward == \A i, j \in 1 .. Len(ledger) :
  (i < j /\ ledger[i].e = "sealed" /\ ledger[j].e = "sealed") => ledger[i].s.cfg <= ledger[j].s.cfg

\* In the end everything is delivered or reported, or the destination is gone: no state is a dead end.
Progress == <>[](Full.cur = next \/ (ctl # <<>> /\ ~ctl[Len(ctl)].alive))

\* A seal ends in one way only.
OneEnd == \A v \in Events("delivered") : ~\E w \in Events("abandoned") : v.s.id = w.s.id
=============================================================================
