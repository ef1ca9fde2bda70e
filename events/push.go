package events

import (
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/release"
)

// push is an "ECR Image Action" event. EventBridge adds fields as it likes, so unknown ones are let through.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
type push struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Detail  struct {
		Result     string `json:"result"`
		Repository string `json:"repository-name"`
		Digest     string `json:"image-digest"`
		Action     string `json:"action-type"`
		Tag        string `json:"image-tag"` // absent for the child manifests of an image of several architectures
	} `json:"detail"`
}

var (
	digestForm     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	repositoryForm = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)
	accountForm    = regexp.MustCompile(`^\d{12}$`)
	regionForm     = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

// announced returns what an event says there is to release, and who says so.
func announced(event []byte) (revision release.Revision, by string, err error) {
	var kind struct {
		DetailType string `json:"detail-type"`
		Source     string `json:"source"`
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return revision, "", wrong("event: %s", plain(err))
	}
	switch {
	case kind.Source == "aws.ecr" && kind.DetailType == "ECR Image Action":
		revision.Image, err = pushed(event)
		return revision, "ecr push", err
	case kind.Source == "aws.s3" && kind.DetailType == "Object Created":
		revision.Code, err = put(event)
		return revision, "s3 put", err
	}
	return revision, "", wrong("event is %q of %q but must be an \"ECR Image Action\" of \"aws.ecr\" or an \"Object Created\" of \"aws.s3\"", short(kind.DetailType), short(kind.Source))
}

// pushed returns the image that an event announces, by digest and with its registry: a tag may have moved since.
func pushed(event []byte) (string, error) {
	var p push
	if err := json.Unmarshal(event, &p); err != nil {
		return "", wrong("event: %s", plain(err))
	}
	switch d := p.Detail; {
	case d.Result != "SUCCESS" || d.Action != "PUSH":
		return "", wrong("event tells of action %q with result %q; only a PUSH with SUCCESS starts a release", short(d.Action), short(d.Result))
	case d.Tag == "":
		return "", wrong("event has no image-tag: it is the push of a part of an image of several architectures; filter the rule by tag")
	case !digestForm.MatchString(d.Digest):
		return "", wrong("event.detail.image-digest is %q but must be sha256: and 64 hex digits", short(d.Digest))
	case len(d.Repository) > 256 || !repositoryForm.MatchString(d.Repository):
		return "", wrong("event.detail.repository-name is %q, which is no repository's name", short(d.Repository))
	case !accountForm.MatchString(p.Account) || !regionForm.MatchString(p.Region):
		return "", wrong("event names account %q and region %q; the registry cannot be told from them", short(p.Account), short(p.Region))
	}
	return Registry(p.Account, p.Region) + "/" + p.Detail.Repository + "@" + p.Detail.Digest, nil
}

// Registry returns the host of an account's private image registry.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
func Registry(account, region string) string {
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return account + ".dkr.ecr." + region + "." + suffix
}
