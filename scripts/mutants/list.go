package main

// mutant is a bug to plant: in file, old becomes bug.
type mutant struct{ name, file, old, bug string }

const (
	conductor = "internal/conductor/"
	keeper    = "internal/ledger/"
	services  = "internal/platform/ecsservice/"
	alias     = "internal/platform/lambdaalias/"
	mirror    = "internal/platform/mirror/"
	balanced  = "internal/platform/ecsalb/"
)

// mutants are mistakes that somebody could make.
var mutants = []mutant{
	{"the baseline is not written", keeper + "open.go", "\ttx.absent(snapshot, snapshot.text(attrDoc))\n", "\t_ = snapshot\n"},
	{"changes before the lease is durable", conductor + "turn.go", "\t\terr := t.save(ctx)\n\t\tannounced = err == nil\n", "\t\tvar err error\n\t\tannounced = true\n"},
	{"a platform does not announce its changes", services + "change.go", "if err := release.AnnounceChange(ctx); err != nil {", "if err := error(nil); err != nil {"},
	{"an execution that lost the release goes on", conductor + "rollback.go", "\tcase !recovery && t.r.Owner() != in.Execution:\n", "\tcase !recovery && t.r.Owner() == \"\":\n"},
	{"a lease of another invocation is not waited out", conductor + "turn.go", "!preempt && !busy.IsZero()", "false && !preempt && !busy.IsZero()"},
	{"the lock passes on before a late effect can land", conductor + "promote.go", "until no effect of an earlier call can land any more\"}, left > 0", "until no effect of an earlier call can land any more\"}, false && left > 0"},
	{"a rollback believes its first look", conductor + "rollback.go", "progress.Changed || began.Before(quiet)", "false && began.Before(quiet)"},
	{"an error of the rollback is swallowed", conductor + "rollback.go", "\tprogress, err := t.mutate(ctx, release.VerbRollback, true, platform, platform.Rollback)\n", "\tprogress, err := t.mutate(ctx, release.VerbRollback, true, platform, platform.Rollback)\n\tif err != nil {\n\t\tprogress, err = release.Progress{State: release.Reached}, nil\n\t}\n"},
	{"no data is a pass", conductor + "decide.go", "if j.Verdict == release.Pass {\n\t\treturn promoteUnlessFrozen(r, j.Sentence, now)", "if j.Verdict == release.Pass || j.Verdict == release.NoData {\n\t\treturn promoteUnlessFrozen(r, j.Sentence, now)"},
	{"what is inconclusive is promoted", conductor + "decide.go", "if j.Verdict == release.Pass {\n\t\treturn promoteUnlessFrozen(r, j.Sentence, now)", "if j.Verdict != release.Fail {\n\t\treturn promoteUnlessFrozen(r, j.Sentence, now)"},
	{"a recovery does not own the release", conductor + "rollback.go", "\tt.r.Executions = append(t.r.Executions, in.Execution)\n", ""},
	{"recoveries without end", "internal/recovery/recovery.go", "const Most = 5", "const Most = 5000"},
	{"finished releases keep their locks", keeper + "save.go", "if lock.Holder == r.ID {", "if lock.Holder == \"\" {"},
	{"the ledger is written whoever wrote before", keeper + "save.go", "\ttx.equals(state, state.text(attrDoc), r.Version)\n", "\ttx.absent(state, state.text(attrDoc))\n\ttx.writes[0].Put.ConditionExpression = nil\n"},
	{"the story's chain is not linked", keeper + "chain.go", "if event.Kind.Durable() {", "if false && event.Kind.Durable() {"},
	{"promoted before it is stable", services + "promote.go", "if up.completed && up.others == 0 && (up.running > 0 || desired == 0) {", "if up.running > 0 || desired == 0 {"},
	{"a promotion sets the primary's count", services + "promote.go", "change, count := update{definition: definition}, c.primary", "change, count := update{definition: definition, count: aws.Int32(1)}, c.primary"},
	{"the baseline is restored by its tag", services + "change.go", "\tPinImages(in, arm.Images())\n", ""},
	{"a rollback rests while ECS may still revert it", services + "upness.go", "&& (u.running > int(count) || !reverts(service))", "&& (true || !reverts(service))"},
	{"the canary is not brought back to its count", services + "rollback.go", "if have := s.service.DesiredCount; have != s.arm.Desired {", "if have := s.service.DesiredCount; false && have != s.arm.Desired {"},
	{"the primary is not brought back", services + "rollback.go", "\tif progress, err := r.RestorePrimary(ctx); err != nil || progress != nil {\n\t\treturn progress, err\n\t}\n", ""},
	{"a baseline that fails for a minute is given up", services + "restore.go", "n < restoreTries || tries[0].at.Sub(tries[n-1].at) < restoreSpan", "n < 1"},
	{"what was made is not looked for by its tags", services + "call.go", "\tif c.made.looked {\n", "\tif !c.made.looked {\n"},
	{"definitions are left over", services + "cleanup.go", "if d.Status != types.TaskDefinitionStatusActive ||", "if c.rel.Home || d.Status != types.TaskDefinitionStatusActive ||"},
	{"late effects are taken to land within a second", "internal/release/release.go", "const LateEffect = 30 * time.Second", "const LateEffect = time.Second"},

	{"an alias keeps its weights when it goes home", alias + "rollback.go", "c.base.Version, map[string]float64{}, \"all invocations go back", "c.base.Version, nil, \"all invocations go back"},
	{"an alias with the release's weight is taken for somebody else's", alias + "rollback.go", "return c.alias.version != c.fresh && c.alias.weights[c.fresh] == 0", "return c.alias.version != c.fresh"},
	{"an alias goes back to what it reads, not to what was recorded", alias + "rollback.go", "return c.update(ctx, c.base.Version,", "return c.update(ctx, c.alias.version,"},
	{"an alias with weights is called home", alias + "rollback.go", "case c.stand() == home:", "case c.stand() == home || c.stand() == weighted:"},

	{"a stable stack is believed to be home", mirror + "rollback.go", "\tif c.live.set() == want {", "\tif c.live.set().Mode == want.Mode {"},
	{"the new image is taken for somebody else's", mirror + "rollback.go", "image != c.base.Set.Image && image != c.base.Image {", "image != c.base.Set.Image {"},
	{"a stack whose own rollback failed is waited for", mirror + "rollback.go", "\t\treturn c.goOn(ctx)\n", "\t\treturn working(\"stuck\"), nil\n"},
	{"a promotion does not await the stack's update", mirror + "live.go", "\tcase moving:\n\t\treturn c.await(ctx)\n", "\tcase moving:\n\t\treturn release.Reached.Says(\"\"), nil\n"},
	{"a temporary stack that did not come up is left", mirror + "temporary.go", "case s == nil || !c.mine(s):\n\t\treturn release.Reached.Says(\"the temporary", "case s == nil || !c.mine(s) || s.rests() == useless:\n\t\treturn release.Reached.Says(\"the temporary"},

	{"the canary's tasks go before its requests", balanced + "rollback.go", "\tif !c.gone && !c.departed(way) {", "\tif c.gone && !c.departed(way) {"},
	{"a rollback leaves the canary its weight", balanced + "rollback.go", "\tif c.rule.forward.weight(c.base.Rule.Canary) > 0 {\n\t\treturn false", "\tif c.rule.forward.weight(c.base.Rule.Canary) > 0 {\n\t\treturn true"},
	{"the rule's other actions are dropped", balanced + "weigh.go", "actions := slices.Clone(r.actions)", "actions := slices.Clone(r.actions[r.forwards():])"},

	{"the canary keeps its tasks after a promotion", balanced + "promote.go", "\treturn c.RestCanary(ctx)\n", "\treturn c.Progress(release.Reached, 0, \"\"), nil\n"},
	{"a rollback brings only the rule home", balanced + "rollback.go", "\tif progress, err := way.Steps(ctx); progress != nil || err != nil {\n\t\treturn progress, err\n\t}\n", ""},

	{"what somebody else gave the function is published", alias + "publish.go", "\tcode := made(c.rel, kindCode)\n", "\tcode := made(c.rel, kindCode)\n\tif code != \"\" {\n\t\tcode = aws.ToString(latest.CodeSha256)\n\t}\n"},
	{"the canary's tasks go before the balancer follows its rule", balanced + "weigh.go", "const takesEffect = time.Minute", "const takesEffect = time.Second"},
	{"an alias that somebody deleted is called home", alias + "rollback.go", "\t\treturn release.Failed.Says(c.somebody() + c.again()), nil\n", "\t\treturn release.Reached.Says(\"there is nothing to bring back\"), nil\n"},
	{"a deleted canary service keeps its requests", balanced + "rollback.go", "if primary, _ := c.Services(); primary == nil {", "if primary, canary := c.Services(); primary == nil || canary == nil {"},
	{"an alias that did not answer is taken for changed", alias + "update.go", "\tcase err != nil:\n\t\treturn release.Progress{Changed: true}, awserr.Wrap(op, err)\n", "\tcase awserr.Wrap(op, err) != nil:\n\t\treturn release.Reached.Says(note), nil\n"},

	{"hooks are not asked before traffic", conductor + "hooks.go", "if t.r.Step > 0 || !t.r.HooksPending(release.BeforeTraffic) {", "if t.r.Step >= 0 {"},
	{"a hook that agreed to one step has agreed to the next", "internal/release/hook.go", "r.Hooks.Stage == stage && r.Hooks.Step == r.Step", "r.Hooks.Stage == stage"},

	{"a start that failed for good is written down nowhere", conductor + "rollback.go", "if request.Release != \"\" || in.Data.Error == nil {", "if true {"},
}
