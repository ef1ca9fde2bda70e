package ecsservice

import (
	"strconv"
	"strings"
)

// arnParts are the parts of an ARN that this package needs.
type arnParts struct {
	partition, region, account, resource string
}

func parseARN(text string) (arnParts, bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return arnParts{}, false
	}
	return arnParts{partition: parts[1], region: parts[3], account: parts[4], resource: parts[5]}, true
}

// ShortName returns the last part of an ARN as people say it: "orders-worker:41" of a task definition, the name of a
// service or cluster, the id of a task. What is no ARN stays as it is.
func ShortName(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// revisionNumber returns the number behind a task definition's family, and 0 where there is none.
func revisionNumber(definition string) int32 {
	_, number, _ := strings.Cut(ShortName(definition), ":")
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

// familyOf returns the family of a task definition's ARN.
func familyOf(definition string) string {
	family, _, _ := strings.Cut(ShortName(definition), ":")
	return family
}
