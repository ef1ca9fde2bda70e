package events

import (
	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/release"
)

// object is an "Object Created" event of a bucket that sends its events to EventBridge.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
type object struct {
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key     string `json:"key"` // as it is: S3 escapes nothing in these events
			Version string `json:"version-id"`
		} `json:"object"`
	} `json:"detail"`
}

// put returns the code that an event announces, with its version: another object of that key may follow.
func put(event []byte) (string, error) {
	var o object
	if err := json.Unmarshal(event, &o); err != nil {
		return "", wrong("event: %s", plain(err))
	}
	code := release.CodeObject{Bucket: o.Detail.Bucket.Name, Key: o.Detail.Object.Key, Version: o.Detail.Object.Version}
	switch {
	case code.Check() != nil:
		return "", wrong("event: %w", code.Check())
	case code.Version == "" || code.Version == "null":
		return "", wrong("event names no version of %s: the bucket keeps none, so what is released could change while it is released; turn versioning on", short(code.String()))
	}
	return code.String(), nil
}
