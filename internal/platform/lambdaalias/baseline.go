package lambdaalias

import (
	"encoding/json"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// detailSchema is the version of detail.
const detailSchema = 1

// detail is the platform's part of a baseline. It holds nothing of a function's environment.
type detail struct {
	Schema      int    `json:"schema"`
	Function    string `json:"function"` // name, as metrics know it
	Alias       string `json:"alias"`
	ARN         string `json:"arn"`     // of the alias
	Version     string `json:"version"` // that the alias points to, without weights
	CodeSHA256  string `json:"codeSha256"`
	RevisionID  string `json:"revisionId"`            // of the alias when it was recorded
	Provisioned int32  `json:"provisioned,omitempty"` // concurrency kept ready behind the alias
	code               // that the new version is made of; empty where it was published before
}

func (d detail) baseline() (release.Baseline, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return release.Baseline{}, release.Errorf(release.Unexpected, "record the baseline", "%w", err)
	}
	summary := fmt.Sprintf("%s:%s on version %s, no weights", d.Function, d.Alias, d.Version)
	if d.Provisioned > 0 {
		summary += fmt.Sprintf(", %d provisioned", d.Provisioned)
	}
	return release.Baseline{Serves: "version " + d.Version, Summary: summary, Detail: data}, nil
}

// recorded reads a release's baseline.
func recorded(r *release.Release) (detail, error) {
	var d detail
	if err := json.Unmarshal(r.Baseline.Detail, &d); err != nil || d.Schema != detailSchema || d.Version == "" || d.ARN == "" {
		return detail{}, release.Errorf(release.LedgerCorrupt, "read the baseline of release "+string(r.ID),
			"the record of alias and version cannot be read; the ledger's table keeps earlier versions (point-in-time recovery)")
	}
	return d, nil
}
