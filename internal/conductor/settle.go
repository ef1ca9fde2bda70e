package conductor

import (
	"fmt"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// alarmsOnly is what a look at a release means where it is promoted, or where nothing has moved yet because the plan moves
// all at once: there is nothing to compare, so that nothing is compared is as it must be. Alarms veto as ever.
func alarmsOnly(r *release.Release, j release.Judgement) release.Judgement {
	moving := r.Phase == release.Baking || r.Phase == release.Shifting && r.Step > 0
	if moving || j.Verdict == release.Fail || j.Verdict == release.Unknown {
		return j
	}
	only := release.Judgement{Verdict: release.NoData}
	var quiet, blind []string
	for _, check := range j.Checks {
		if check.Kind != release.CheckAlarm {
			continue
		}
		only.Checks = append(only.Checks, check)
		only.Verdict = max(only.Verdict, check.Verdict)
		if check.State == "OK" {
			quiet = append(quiet, check.Name)
		} else {
			blind = append(blind, check.Name)
		}
	}
	only.Sentence = alarmsText(quiet, blind)
	if r.Phase == release.Shifting {
		only.Sentence = "nothing has moved yet; " + only.Sentence
	}
	return only
}

// alarmsText says how the alarms are that have not fired.
func alarmsText(quiet, blind []string) string {
	all := slices.Concat(quiet, blind)
	switch {
	case len(all) == 0:
		return "no alarm is named, so only the health of what runs is watched"
	case len(all) == 1 && len(blind) == 1:
		return fmt.Sprintf("alarm %s has no data and has not fired", blind[0])
	case len(all) == 1:
		return fmt.Sprintf("alarm %s is OK", quiet[0])
	case len(blind) == 0 && len(all) == 2:
		return "both alarms are OK"
	case len(blind) == 0:
		return fmt.Sprintf("all %d alarms are OK", len(all))
	}
	return fmt.Sprintf("none of %d alarms has fired, %d of them without data", len(all), len(blind))
}
