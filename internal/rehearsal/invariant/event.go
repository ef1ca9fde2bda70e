package invariant

import (
	"encoding/json"

	"github.com/serin-aws/serin/internal/release"
)

// lookVerdict returns the verdict of a look; one that cannot be read is Unknown.
func lookVerdict(event release.Event) release.Verdict {
	var look release.Look
	if json.Unmarshal(event.Data, &look) != nil {
		return release.Unknown
	}
	return look.Judgement.Verdict
}

// decided returns what a decision decided.
func decided(event release.Event) release.Next {
	var decision release.Decision
	if json.Unmarshal(event.Data, &decision) != nil {
		return ""
	}
	return decision.Next
}
