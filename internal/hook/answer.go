package hook

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// maxDetails is how much a hook may have kept for its next call: it stands in the ledger with the release.
const maxDetails = 4 << 10

// parse reads what a hook answers. Whatever is no valid hookStatus is an error, as for ECS.
func parse(payload []byte) (release.HookAnswer, error) {
	var told struct {
		HookStatus    release.HookStatus         `json:"hookStatus"`
		CallBackDelay *float64                   `json:"callBackDelay"` // seconds
		HookDetails   map[string]json.RawMessage `json:"hookDetails"`
	}
	const right = `a hook answers {"hookStatus": "SUCCEEDED"}, "FAILED" or "IN_PROGRESS"`
	if err := json.Unmarshal(payload, &told); err != nil {
		return release.HookAnswer{}, fmt.Errorf("answered %s, but %s", quote(payload), right)
	}
	answer := release.HookAnswer{Status: told.HookStatus}
	switch told.HookStatus {
	case release.HookSucceeded, release.HookFailed:
		return answer, nil
	case release.HookInProgress:
	default:
		return release.HookAnswer{}, fmt.Errorf("answered %s, but %s", quote(payload), right)
	}
	if d := told.CallBackDelay; d != nil {
		seconds := math.Max(0, math.Min(*d, release.LongestHook.Seconds()))
		answer.Delay = time.Duration(seconds * float64(time.Second))
	}
	if told.HookDetails != nil {
		details, err := json.Marshal(told.HookDetails)
		if err != nil {
			return release.HookAnswer{}, fmt.Errorf("answered hookDetails that cannot be kept: %w", err)
		}
		if len(details) > maxDetails {
			return release.HookAnswer{}, fmt.Errorf("wants %d bytes of hookDetails kept for its next call, but at most %d can be; keep them elsewhere and their name here", len(details), maxDetails)
		}
		answer.Details = details
	}
	return answer, nil
}

// quote shows the beginning of an answer.
func quote(payload []byte) string {
	text := strings.Join(strings.Fields(string(payload)), " ")
	if text == "" || text == "null" {
		return "nothing"
	}
	if len(text) > 120 {
		text = text[:117] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
