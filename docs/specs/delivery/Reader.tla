------------------------------- MODULE Reader -------------------------------
(***************************************************************************)
(* The reader of one lane and its legs: positions, start offsets, and how  *)
(* legs detach, catch up and are handed over (docs/delivery.md, rules 1 to *)
(* 5).  Sealing and sending a window is one step here (Deliver);           *)
(* Delivery.tla shows what is inside it.  All destinations belong to one   *)
(* tailnet; log[i] says whether the record at offset i-1 is that tailnet's.*)
(* A leg goes live when it needs nothing before the live reader's place:   *)
(* nothing is held back for it (docs/decisions/0003).                *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS Dest, MaxRec, MaxChunk, Mut, None

VARIABLES log, api, due,         \* topic; creation: [st, at] per destination; next at the API's answer
          ctl,                   \* control log: creations [d, at]
          led, out,              \* ledger since `pos`: cursor per leg; ghost: what was delivered, in order
          pos,                   \* positions: [done, ctl, legs]
          up, seen,              \* owner: running?  how far it has folded `ctl`
          live, chunk, todo,     \* live reader: next offset, chunk in hand, legs still to get it
          cu,                    \* catch-up reader: its offset while a pass runs
          leg                    \* memory of each leg

vars == <<log, api, due, ctl, led, out, pos, up, seen, live, chunk, todo, cu, leg>>
world == <<log, api, due, ctl>>
durable == <<led, out, pos>>
reader == <<live, chunk, todo>>

Max(a, b) == IF a > b THEN a ELSE b
RECURSIVE Ours(_, _)             \* the tailnet's offsets in [from, to), in order
Ours(from, to) == IF from >= to THEN <<>>
                  ELSE (IF log[from + 1] THEN <<from>> ELSE <<>>) \o Ours(from + 1, to)

Index(d)   == CHOOSE i \in 1 .. Len(ctl) : ctl[i].d = d
Created    == {ctl[i].d : i \in 1 .. Len(ctl)}
SeenDests  == {ctl[i].d : i \in 1 .. seen}
StartOf(d) == IF ctl[Index(d)].at = None THEN Len(log) ELSE ctl[Index(d)].at

\* What a fold says about a leg: ledger, else positions, else its start.
Known(d) ==
  IF led[d] # None THEN led[d]
  ELSE IF pos.legs[d] # None THEN pos.legs[d]
  ELSE IF Index(d) > pos.ctl /\ Mut # "posNoControl" THEN StartOf(d)  \* unknown to who wrote positions
  ELSE Max(StartOf(d), pos.done)                                      \* quiet

Absent == [mode |-> "absent", cur |-> 0, got |-> 0, win |-> <<>>, lo |-> 0]
\* cur: cursor; got: next offset it needs; win: gathered; lo: the live reader hands it nothing below
NewLeg(c, l) == [Absent EXCEPT !.mode = IF c >= l THEN "live" ELSE "off", !.cur = c, !.got = c, !.lo = c]
Done(g) == IF g.win = <<>> THEN g.got ELSE g.cur
Active(d) == leg[d].mode \in {"live", "catch"}

----------------------------------------------------------------------------
AppendRecord == /\ Len(log) < MaxRec /\ \E x \in BOOLEAN : log' = Append(log, x)
                /\ UNCHANGED <<api, due, ctl, durable, up, seen, reader, cu, leg>>

ReadStart(d) ==   /\ api[d].st = "idle"
                  /\ api' = [api EXCEPT ![d] = [st |-> "read", at |-> IF Mut = "startAfterEvent" THEN None ELSE Len(log)]]
                  /\ UNCHANGED <<log, due, ctl, durable, up, seen, reader, cu, leg>>
AppendEvent(d) == /\ api[d].st = "read" /\ api' = [api EXCEPT ![d].st = "event"]
                  /\ ctl' = Append(ctl, [d |-> d, at |-> api[d].at])
                  /\ UNCHANGED <<log, due, durable, up, seen, reader, cu, leg>>
AnswerClient(d) == /\ api[d].st = "event" /\ api' = [api EXCEPT ![d].st = "answered"]
                   /\ due' = [due EXCEPT ![d] = Len(log)]
                   /\ UNCHANGED <<log, ctl, durable, up, seen, reader, cu, leg>>

----------------------------------------------------------------------------
Takeover ==                      \* rule 1; the control log is folded to the end read after the claim
  /\ ~up /\ up' = TRUE
  /\ \E v \in IF Mut = "staleControl" THEN 0 .. Len(ctl) ELSE {Len(ctl)} :
       /\ seen' = v
       /\ leg' = [d \in Dest |-> IF \E i \in 1 .. v : ctl[i].d = d THEN NewLeg(Known(d), pos.done) ELSE Absent]
  /\ live' = pos.done /\ chunk' = None /\ todo' = {} /\ cu' = None
  /\ UNCHANGED <<world, durable>>

Crash == /\ up /\ up' = FALSE /\ seen' = 0 /\ live' = 0 /\ chunk' = None /\ todo' = {} /\ cu' = None
         /\ leg' = [d \in Dest |-> Absent]
         /\ UNCHANGED <<world, durable>>

See == /\ up /\ seen < Len(ctl) /\ seen' = seen + 1
       /\ LET d == ctl[seen + 1].d IN leg' = [leg EXCEPT ![d] = NewLeg(Known(d), live)]
       /\ UNCHANGED <<world, durable, up, reader, cu>>

Take ==                          \* the live position moves when the chunk is taken, not when all have it
  /\ up /\ chunk = None
  /\ \E to \in (live + 1) .. (live + MaxChunk) :
       /\ to <= Len(log)
       /\ chunk' = [from |-> live, to |-> to] /\ live' = to
  /\ todo' = {d \in Dest : leg[d].mode = "live" \/ (Mut = "noHold" /\ leg[d].mode = "catch")}
  /\ UNCHANGED <<world, durable, up, seen, cu, leg>>

Hand(d) ==
  /\ d \in todo /\ todo' = todo \ {d}
  /\ LET g == leg[d]
         lo == IF Mut = "noLowerBound" THEN chunk.from ELSE Max(chunk.from, g.lo)
     IN leg' = [leg EXCEPT ![d].win = @ \o Ours(lo, chunk.to),
                           ![d].got = IF g.mode = "live" THEN Max(@, chunk.to) ELSE @]
  /\ UNCHANGED <<world, durable, up, seen, live, chunk, cu>>
EndChunk == /\ chunk # None /\ todo = {} /\ chunk' = None
            /\ UNCHANGED <<world, durable, up, seen, live, todo, cu, leg>>

Detach(d) == /\ Active(d)        \* paused, suspended or over its share: only the cursor stays
             /\ leg' = [leg EXCEPT ![d] = [Absent EXCEPT !.mode = "off", !.cur = Done(leg[d]), !.got = Done(leg[d])]]
             /\ todo' = todo \ {d}
             /\ UNCHANGED <<world, durable, up, seen, live, chunk, cu>>

Wake(d) ==
  /\ leg[d].mode = "off"
  /\ leg' = [leg EXCEPT ![d].mode = "catch"]
  /\ UNCHANGED <<world, durable, up, seen, reader, cu>>

\* A pass may read past the live reader's place; a chunk is read whole.
Catching(d) == leg[d].mode = "catch"
StartPass == /\ up /\ cu = None /\ \E d \in Dest : Catching(d) /\ leg[d].got < Len(log) /\ cu' = leg[d].got
             /\ UNCHANGED <<world, durable, up, seen, reader, leg>>
Meets(d) == Catching(d) /\ (leg[d].got = cu \/ (Mut = "joinAnywhere" /\ leg[d].got < cu))
Pass ==                          \* feeds every leg it meets
  /\ cu # None /\ cu < Len(log) /\ cu' = cu + 1
  /\ leg' = [d \in Dest |-> IF Meets(d) THEN [leg[d] EXCEPT !.win = @ \o Ours(cu, cu + 1), !.got = cu + 1]
                            ELSE leg[d]]
  /\ UNCHANGED <<world, durable, up, seen, reader>>
EndPass == /\ cu # None /\ cu' = None
           /\ UNCHANGED <<world, durable, up, seen, reader, leg>>

Place == IF Mut = "liveMovesAtEnd" /\ chunk # None THEN chunk.from ELSE live
Early == IF Mut = "handOverEarly" THEN 1 ELSE 0
HandOver(d) ==                   \* it needs nothing before the live reader's place
  /\ Catching(d) /\ leg[d].got + Early >= Place
  /\ leg' = [leg EXCEPT ![d].mode = "live", ![d].lo = leg[d].got, ![d].got = Max(leg[d].got, Place)]
  /\ UNCHANGED <<world, durable, up, seen, reader, cu>>

Deliver(d) ==
  /\ Active(d) /\ leg[d].win # <<>>
  /\ out' = [out EXCEPT ![d] = @ \o leg[d].win]
  /\ led' = [led EXCEPT ![d] = leg[d].got]
  /\ leg' = [leg EXCEPT ![d].win = <<>>, ![d].cur = leg[d].got]
  /\ UNCHANGED <<world, pos, up, seen, reader, cu>>

\* A leg is left out only if it is done exactly up to `live`: not behind, and not ahead either.
LeftOut(d) == CASE Mut = "posForgetsPending" -> leg[d].mode = "live"
                [] Mut = "posForgetsAhead"   -> leg[d].mode = "live" /\ Done(leg[d]) >= live
                [] OTHER                     -> leg[d].mode = "live" /\ Done(leg[d]) = live
WritePositions ==
  /\ up
  /\ pos' = [done |-> live, ctl |-> seen, legs |-> [d \in Dest |->
               IF leg[d].mode = "absent" \/ LeftOut(d) THEN None ELSE Done(leg[d])]]
  /\ led' = [d \in Dest |-> None]
  /\ UNCHANGED <<world, out, up, seen, reader, cu, leg>>

----------------------------------------------------------------------------
Init == /\ log = <<>> /\ api = [d \in Dest |-> [st |-> "idle", at |-> 0]] /\ due = [d \in Dest |-> None]
        /\ ctl = <<>> /\ led = [d \in Dest |-> None] /\ out = [d \in Dest |-> <<>>]
        /\ pos = [done |-> 0, ctl |-> 0, legs |-> [d \in Dest |-> None]]
        /\ up = FALSE /\ seen = 0 /\ live = 0 /\ chunk = None /\ todo = {} /\ cu = None
        /\ leg = [d \in Dest |-> Absent]
Next == \/ AppendRecord \/ Takeover \/ Crash \/ See \/ Take \/ EndChunk \/ StartPass \/ Pass \/ EndPass \/ WritePositions
        \/ \E d \in Dest : \/ ReadStart(d) \/ AppendEvent(d) \/ AnswerClient(d) \/ Hand(d) \/ Detach(d)
                           \/ Wake(d) \/ HandOver(d) \/ Deliver(d)
Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------
Obliged(d) == IF ctl[Index(d)].at # None THEN ctl[Index(d)].at
              ELSE IF due[d] = None THEN Len(log) ELSE due[d]
Times(d, r) == Cardinality({i \in 1 .. Len(out[d]) : out[d][i] = r})

\* What a takeover would count as done has been delivered; nothing is delivered twice or out of order.
NoLoss == \A d \in Created : \A r \in Obliged(d) .. (Known(d) - 1) : log[r + 1] => Times(d, r) > 0
NoLossAfterAnswer == \A d \in Created : due[d] # None =>
  \A r \in due[d] .. (Known(d) - 1) : log[r + 1] => Times(d, r) > 0
NoDuplicate == \A d \in Dest : \A r \in 0 .. (MaxRec - 1) : Times(d, r) <= 1
Order == \A d \in Dest : \A i \in 1 .. (Len(out[d]) - 1) : out[d][i] <= out[d][i + 1]
NotBeforeStart == \A d \in Created : \A i \in 1 .. Len(out[d]) :
                    ctl[Index(d)].at = None \/ out[d][i] >= ctl[Index(d)].at
=============================================================================
