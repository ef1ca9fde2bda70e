//go:build emulator || aws

package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// prefix begins the name of everything that is made on AWS. What begins so and was not there before is deleted again.
const prefix = "serin-verify"

// stacks lists the stacks of ours that are there.
func (w *world) stacks(t *testing.T) (names []string) {
	t.Helper()
	for _, s := range read[struct {
		Stacks []struct{ StackName, StackStatus string }
	}](t, w.cli, "cloudformation", "describe-stacks").Stacks {
		if strings.HasPrefix(s.StackName, prefix) && s.StackStatus != "DELETE_COMPLETE" {
			names = append(names, s.StackName)
		}
	}
	return names
}

// clean deletes the stacks, and what they keep on purpose when they are deleted. It goes on after an error, and may be
// called again.
func (w *world) clean(t *testing.T) {
	try := func(args ...string) []byte {
		out, err := w.run(t, w.awsProgram, append(args, "--output", "json")...)
		if err != nil && !gone(err) {
			t.Errorf("left over, delete it by hand: %v", err)
		}
		return out
	}
	stacks := w.stacks(t)
	var kept []resource
	if slices.Contains(stacks, prefix) {
		kept = w.resources(t, prefix)
	}
	remove := func(all ...string) {
		for _, name := range all { // at the same time
			try("cloudformation", "delete-stack", "--stack-name", name)
		}
		for _, name := range all {
			try("cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
		}
	}
	for _, r := range kept {
		if r.ResourceType == "AWS::DynamoDB::Table" {
			try("dynamodb", "update-table", "--table-name", r.PhysicalResourceID, "--no-deletion-protection-enabled")
		}
	}
	try("iam", "delete-role-policy", "--role-name", "serin-"+prefix+"-denied-look", "--policy-name", noMetrics) // it keeps its role
	remove(slices.DeleteFunc(slices.Clone(stacks), func(name string) bool { return name == prefix })...)        // they use the core's policies
	remove(slices.DeleteFunc(stacks, func(name string) bool { return name != prefix })...)
	for _, r := range kept {
		switch r.ResourceType {
		case "AWS::DynamoDB::Table":
			try("dynamodb", "delete-table", "--table-name", r.PhysicalResourceID)
		case "AWS::S3::Bucket":
			w.removeBucket(t, r.PhysicalResourceID)
		case "AWS::Logs::LogGroup":
			try("logs", "delete-log-group", "--log-group-name", r.PhysicalResourceID)
		}
	}
	w.removeBucket(t, w.assets())
	for _, path := range []string{"/serin/targets/" + prefix, "/serin/live/" + prefix, "/" + prefix} {
		for _, name := range w.parameters(t, path) {
			try("ssm", "delete-parameter", "--name", name)
		}
	}
	for _, arn := range w.definitions(t) { // that serin registered
		try("ecs", "deregister-task-definition", "--task-definition", arn)
	}
}

// gone says whether what was to be deleted is not there.
func gone(err error) bool {
	return slices.ContainsFunc([]string{"NotFound", "does not exist", "NoSuchBucket", "NoSuchEntity"}, func(says string) bool { return strings.Contains(err.Error(), says) })
}

// assets is the bucket from which the core stack is deployed.
func (w *world) assets() string { return prefix + "-" + w.account + "-" + w.region }

type resource struct{ LogicalResourceID, ResourceType, PhysicalResourceID string }

func (w *world) resources(t *testing.T, stack string) []resource {
	t.Helper()
	return read[struct{ StackResourceSummaries []resource }](t, w.cli, "cloudformation", "list-stack-resources", "--stack-name", stack).StackResourceSummaries
}

// parameters lists the SSM parameters whose names begin so.
func (w *world) parameters(t *testing.T, begin string) (names []string) {
	t.Helper()
	for _, p := range read[struct{ Parameters []struct{ Name string } }](t, w.cli, "ssm", "describe-parameters",
		"--parameter-filters", "Key=Name,Option=BeginsWith,Values="+begin).Parameters {
		names = append(names, p.Name)
	}
	return names
}

// definitions lists the active task definitions of ours.
func (w *world) definitions(t *testing.T) (ours []string) {
	t.Helper()
	for _, arn := range read[struct{ TaskDefinitionArns []string }](t, w.cli, "ecs", "list-task-definitions", "--status", "ACTIVE").TaskDefinitionArns {
		if strings.Contains(arn, ":task-definition/"+prefix) {
			ours = append(ours, arn)
		}
	}
	return ours
}

// removeBucket deletes a bucket with all versions of what is in it.
func (w *world) removeBucket(t *testing.T, name string) {
	type object struct {
		Key       string
		VersionID string `json:"VersionId"`
	}
	for {
		out, err := w.run(t, w.awsProgram, "s3api", "list-object-versions", "--bucket", name, "--max-items", "500", "--output", "json")
		if err != nil {
			if !gone(err) {
				t.Errorf("left over, delete it by hand: %v", err)
			}
			return
		}
		var found struct{ Versions, DeleteMarkers []object }
		if len(out) > 0 {
			found = decode[struct{ Versions, DeleteMarkers []object }](t, out)
		}
		all := append(found.Versions, found.DeleteMarkers...)
		if len(all) == 0 {
			break
		}
		if _, err := w.run(t, w.awsProgram, "s3api", "delete-objects", "--bucket", name, "--delete", encode(t, map[string]any{"Objects": all, "Quiet": true})); err != nil {
			t.Errorf("left over, delete it by hand: %v", err)
			return
		}
	}
	if _, err := w.run(t, w.awsProgram, "s3api", "delete-bucket", "--bucket", name); err != nil {
		t.Errorf("left over, delete it by hand: %v", err)
	}
}

// remains lists what is there of ours; empty after clean.
func (w *world) remains(t *testing.T) (found []string) {
	t.Helper()
	found = append(found, w.stacks(t)...)
	found = append(found, w.definitions(t)...)
	for _, path := range []string{"/serin/", "/" + prefix} {
		found = append(found, w.parameters(t, path)...)
	}
	for _, b := range read[struct{ Buckets []struct{ Name string } }](t, w.cli, "s3api", "list-buckets").Buckets {
		if strings.HasPrefix(b.Name, prefix) {
			found = append(found, "bucket "+b.Name)
		}
	}
	for _, name := range read[struct{ TableNames []string }](t, w.cli, "dynamodb", "list-tables").TableNames {
		if strings.HasPrefix(name, prefix) {
			found = append(found, "table "+name)
		}
	}
	for _, g := range read[struct {
		LogGroups []struct{ LogGroupName string }
	}](t, w.cli, "logs", "describe-log-groups").LogGroups {
		if strings.Contains(g.LogGroupName, prefix) {
			found = append(found, fmt.Sprint("log group ", g.LogGroupName))
		}
	}
	return found
}
