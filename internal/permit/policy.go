package permit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// Document returns statements, filled in, as a policy document.
func Document(statements []Statement) map[string]any {
	var list []any
	for _, s := range statements {
		statement := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": s.Resources}
		if len(s.When) > 0 {
			statement["Condition"] = Conditions(s)
		}
		list = append(list, statement)
	}
	return map[string]any{"Version": "2012-10-17", "Statement": list}
}

// TrustDocument returns the trust policy of a target's role.
func TrustDocument(t Trust, partition string) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": []string{"sts:AssumeRole"},
		"Principal": map[string]any{"AWS": "arn:" + partition + ":iam::" + t.Core + ":root"},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"sts:ExternalId": t.ExternalID},
			"ArnLike":      map[string]any{"aws:PrincipalArn": t.Roles},
		},
	}}}
}

// The parameters of Template.
const (
	passRoles    = "PassRoles"
	serinAccount = "SerinAccount"
)

// NothingLive is what /serin/live/<target> holds before the first release: infrastructure code then starts from its
// own revision.
func NothingLive(t *release.Target) string {
	if t.Platform == release.PlatformECSQueue || t.Platform == release.PlatformECSALB {
		return "none,none,none" // image, the primary's task definition, the canary's
	}
	return "none"
}

// Known is what is known of a target's account when its template is written: defaults of the template's parameters.
type Known struct {
	SerinAccount string   // in which serin is installed; empty: to be given
	PassRoles    []string // ARNs of the roles that the workload's units run with; nil: to be given
}

// Template returns a CloudFormation template with everything that a target needs in its own account: its two roles, and
// the parameter that says what serves.
func Template(t *release.Target, known Known) ([]byte, error) {
	account := map[string]any{
		"Type": "String", "AllowedPattern": `\d{12}`,
		"Description": "The account in which serin is installed",
	}
	if known.SerinAccount != "" {
		account["Default"] = known.SerinAccount
	}
	parameters := map[string]any{serinAccount: account}
	resources := map[string]any{"Live": map[string]any{
		"Type": "AWS::SSM::Parameter", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
		"Properties": map[string]any{
			"Name": t.Name.LiveParameter(), "Type": "StringList", "Value": NothingLive(t),
			"Description": "serin writes here what serves; infrastructure code reads it",
		},
	}}
	for _, access := range Accesses() {
		statements, err := Target(t, access)
		if err != nil {
			return nil, err
		}
		if needs(statements, "{pass-roles}") {
			roles := map[string]any{
				"Type":        "CommaDelimitedList",
				"Description": "ARNs of the task roles and execution roles of the workload's task definitions",
			}
			if known.PassRoles != nil {
				roles["Default"] = strings.Join(known.PassRoles, ",")
			}
			parameters[passRoles] = roles
		}
		resource, err := roleResource(t, access, statements)
		if err != nil {
			return nil, err
		}
		resources[strings.ToUpper(string(access)[:1])+string(access)[1:]+"Role"] = resource
	}
	return render(map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              fmt.Sprintf("serin: what it may do for the target %s, and what serves", t.Name),
		"Parameters":               parameters,
		"Resources":                resources,
	})
}

func render(template any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(template)
	return text.Bytes(), err
}

func needs(statements []Statement, name string) bool {
	return slices.ContainsFunc(statements, func(s Statement) bool { return slices.Contains(s.Resources, name) })
}

func roleResource(t *release.Target, access Access, statements []Statement) (map[string]any, error) {
	values := Place("${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}").With("pass-roles", "${"+passRoles+"}")
	filled, err := Fill(statements, values)
	if err != nil {
		return nil, err
	}
	trust := TrustOf(t, access, "${AWS::Partition}", "${"+serinAccount+"}")
	return map[string]any{
		"Type": "AWS::IAM::Role",
		"Properties": map[string]any{
			"RoleName":                 RoleName(t, access),
			"Description":              RoleDescription(t, access),
			"AssumeRolePolicyDocument": substituted(TrustDocument(trust, "${AWS::Partition}")),
			"Policies": []any{map[string]any{
				"PolicyName": "serin", "PolicyDocument": substituted(Document(filled)),
			}},
		},
	}, nil
}

// RoleDescription says in a role what it is for.
func RoleDescription(t *release.Target, access Access) string {
	if access == Look {
		return fmt.Sprintf("serin: looks at the target %s", t.Name)
	}
	return fmt.Sprintf("serin: changes the target %s", t.Name)
}

// substituted turns every text with a ${Name} into CloudFormation's Fn::Sub, and the list parameter into a reference.
func substituted(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range v {
			out[key] = substituted(item)
		}
		return out
	case map[string]map[string]any:
		out := map[string]any{}
		for key, item := range v {
			out[key] = substituted(item)
		}
		return out
	case []string:
		if slices.Equal(v, []string{"${" + passRoles + "}"}) {
			return map[string]any{"Ref": passRoles}
		}
		var out []any
		for _, item := range v {
			out = append(out, substituted(item))
		}
		return out
	case []any:
		var out []any
		for _, item := range v {
			out = append(out, substituted(item))
		}
		return out
	case string:
		if strings.Contains(v, "${") {
			return map[string]any{"Fn::Sub": v}
		}
	}
	return value
}

// Explain returns every permission of a target's two roles with its reason, for people.
func Explain(t *release.Target) (string, error) {
	var text strings.Builder
	for _, access := range Accesses() {
		statements, err := Target(t, access)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s\n", RoleName(t, access))
		for _, s := range statements {
			fmt.Fprintf(&text, "  %s\n", s.Why)
			fmt.Fprintf(&text, "    %s\n", strings.Join(s.Actions, ", "))
			for _, resource := range s.Resources {
				fmt.Fprintf(&text, "      on %s\n", resource)
			}
			for _, c := range s.When {
				fmt.Fprintf(&text, "      when %s %s %s\n", c.Key, c.Operator, strings.Join(c.Values, ", "))
			}
		}
	}
	return text.String(), nil
}
