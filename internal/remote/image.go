package remote

import (
	"context"
	"regexp"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// shortened is an image that is named by a digest as people are shown it: release.Digest.Short.
var shortened = regexp.MustCompile(`^(.+@)(sha256:[0-9a-f]{8,63})$`)

// remembered is how many of a target's latest releases, and of what was not released, are looked through for a digest.
const remembered = 200

// InFull returns an image with its whole digest. Where its digest is shortened it must be that of an image that the target
// has released or refused; NotFound says that there is none, Invalid that there are several.
func (a *Account) InFull(ctx context.Context, target release.TargetName, image string) (string, error) {
	parts := shortened.FindStringSubmatch(image)
	if parts == nil {
		return image, nil
	}
	history, err := a.History(ctx, target, remembered)
	if err != nil {
		return "", err
	}
	name, short, found := parts[1], parts[2], ""
	for _, e := range history {
		_, digest, _ := strings.Cut(e.Revision.Exactly().Image, "@")
		switch {
		case !strings.HasPrefix(digest, short):
		case found != "" && found != digest:
			return "", release.Errorf(release.Invalid, "", "%s means %s and %s; write more of its digits", image, found, digest)
		default:
			found = digest
		}
	}
	if found == "" {
		return "", release.Errorf(release.NotFound, "", "of the latest releases of %s none was of an image %s...; name it by its whole digest (sha256: and 64 digits) or by its tag", target, short)
	}
	return name + found, nil
}
