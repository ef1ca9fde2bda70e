package mirror

import (
	"encoding/json"
	"fmt"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// detailSchema is the version of detail.
const detailSchema = 1

// detail is the platform's part of a baseline.
type detail struct {
	Schema    int    `json:"schema"`
	Stack     string `json:"stack"` // ARN of the live stack
	Temporary string `json:"temporary"`
	Set       set    `json:"set"`
	Others    string `json:"others"` // hash of the parameters that serin does not set
	Image     string `json:"image"`  // of the new version, pinned
}

// set are the four parameters that serin sets.
type set struct {
	Image   string `json:"image"`
	Mode    string `json:"mode"`
	Host    string `json:"host"`
	Percent string `json:"percent"`
}

// The proxy's modes.
const (
	modeNginx = "nginx"
	modeEnvoy = "envoy"
)

// serving is what the parameters are while nothing is mirrored.
func serving(image string) set { return set{Image: image, Mode: modeNginx, Percent: "0"} }

func (s set) text() string {
	text := fmt.Sprintf("image %s, %s", shortImage(s.Image), s.Mode)
	if s.Mode != modeNginx {
		text += fmt.Sprintf(", %s %% mirrored to %s", s.Percent, s.Host)
	}
	return text
}

// parameters are the four as a person types them.
func (s set) parameters(names release.MirrorParameters) string {
	return fmt.Sprintf("%s=%s, %s=%s, %s=%q and %s=%s", names.Image, s.Image, names.ProxyMode, s.Mode, names.MirrorHost, s.Host, names.MirrorPercent, s.Percent)
}

// shortImage names an image as people read it: its digest in short.
func shortImage(image string) string {
	if ref, err := ecrimage.Parse(image); err == nil && ref.Digest != "" {
		return ref.Digest.Short()
	}
	return image
}

func (d detail) baseline(digest release.Digest) (release.Baseline, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return release.Baseline{}, release.Errorf(release.Unexpected, "record the baseline", "%w", err)
	}
	return release.Baseline{Serves: string(digest), Summary: fmt.Sprintf("stack %s: %s", nameOf(d.Stack), d.Set.text()), Detail: data}, nil
}

// recorded reads a release's baseline.
func recorded(r *release.Release) (detail, error) {
	var d detail
	if err := json.Unmarshal(r.Baseline.Detail, &d); err != nil || d.Schema != detailSchema || d.Stack == "" || d.Set.Image == "" {
		return detail{}, release.Errorf(release.LedgerCorrupt, "read the baseline of release "+string(r.ID),
			"the record of the stack's parameters cannot be read; the ledger's table keeps earlier versions (point-in-time recovery)")
	}
	return d, nil
}
