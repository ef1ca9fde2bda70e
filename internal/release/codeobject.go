package release

import (
	"regexp"
	"strings"
)

// CodeObject names an object in Amazon S3 that holds a function's code: s3://bucket/key, and one version of it with
// ?versionId=... behind.
type CodeObject struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version,omitempty"` // its id; empty for the newest
}

const (
	objectScheme  = "s3://"
	objectVersion = "?versionId="
	maxObjectName = 1024 // bytes of a key, and of a version's id
)

// The forms of the parts. Of what S3 allows in a key only that is taken which needs no escaping anywhere.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
var (
	bucketForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	keyForm     = regexp.MustCompile(`^[A-Za-z0-9!_.*()/@:=,+-]+$`)
	versionForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

// ParseCodeObject reads the name of an object as String writes it.
func ParseCodeObject(text string) (CodeObject, error) {
	rest, isS3 := strings.CutPrefix(text, objectScheme)
	path, version, pinned := strings.Cut(rest, objectVersion)
	bucket, key, _ := strings.Cut(path, "/")
	o := CodeObject{Bucket: bucket, Key: key, Version: version}
	if !isS3 || pinned && version == "" {
		return CodeObject{}, Errorf(Invalid, "revision.code", "is %q but must be s3://bucket/key?versionId=..., or without the version's id for the newest one", clip(text))
	}
	return o, o.Check()
}

// Check reports what is wrong with the parts of a name.
func (o CodeObject) Check() error {
	switch {
	case !bucketForm.MatchString(o.Bucket):
		return Errorf(Invalid, "revision.code", "names the bucket %q, which no bucket can have as its name", clip(o.Bucket))
	case len(o.Key) > maxObjectName || !keyForm.MatchString(o.Key):
		return Errorf(Invalid, "revision.code", "names the key %q but must be one of letters, digits and ! _ . * ( ) / @ : = , + -", clip(o.Key))
	case o.Version != "" && (len(o.Version) > maxObjectName || !versionForm.MatchString(o.Version)):
		return Errorf(Invalid, "revision.code", "names the version %q, which is no id of a version", clip(o.Version))
	}
	return nil
}

// String returns the name as ParseCodeObject reads it.
func (o CodeObject) String() string {
	text := objectScheme + o.Bucket + "/" + o.Key
	if o.Version != "" {
		text += objectVersion + o.Version
	}
	return text
}

// Within reports whether an object is of a target's source.
func (s S3Source) Within(o CodeObject) bool {
	return o.Bucket == s.Bucket && strings.HasPrefix(o.Key, s.Prefix)
}

// clip keeps a text that is shown to a person to a line.
func clip(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}
