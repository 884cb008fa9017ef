// SPDX-License-Identifier: Apache-2.0

package variables

import (
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

// A Port is a published port of a service's container.
type Port struct {
	Service  string
	Replica  int // from 1
	Number   int // of the host, in the files; 0 means none
	Target   int // of the container
	Protocol string
	Address  string // host:port
}

// A Variable is a name and a value.
type Variable struct{ Name, Value string }

// reserved are prefixes of names that have a meaning for other programs.
var reserved = []string{"DOCKER_", "COMPOSE_", "BUILDX_", "BUILDKIT_", "PATH_", "HOME_", "SEATRIAL_", "GIT_", "SSH_", "LD_", "DYLD_", "HTTP_", "HTTPS_", "NO_", "ALL_", "PYTHON_", "NODE_", "JAVA_", "GO_"}

// Of returns the variables of ports: WEB_HOST, WEB_TCP_8080, and WEB_URL_8080 for TCP, by
// the numbers of the files and of the containers. Names that would have several values
// are left out, and returned in collide.
//
// A prefix is put before all names. With one, no name is reserved: SHOP_DOCKER_HOST has
// no other meaning.
func Of(ports []Port, prefix string) (all []Variable, collide []string) {
	values := map[string][]string{}
	var order []string
	add := func(name, value string) {
		if _, there := values[name]; !there {
			order = append(order, name)
		}
		if !slices.Contains(values[name], value) {
			values[name] = append(values[name], value)
		}
	}
	for _, p := range ports {
		host, port, err := net.SplitHostPort(p.Address)
		if err != nil {
			continue
		}
		of := Prefix(prefix, p.Service, p.Replica)
		add(of+"HOST", host)
		protocol := strings.ToUpper(p.Protocol)
		numbers := []int{p.Number, p.Target}
		if p.Number == 0 {
			numbers = numbers[1:]
		}
		for _, n := range slices.Compact(numbers) {
			add(fmt.Sprintf("%s%s_%d", of, protocol, n), port)
			if p.Protocol == "tcp" {
				add(fmt.Sprintf("%sURL_%d", of, n), URL(p.Target, p.Address))
			}
		}
	}
	for _, name := range order {
		if len(values[name]) > 1 {
			collide = append(collide, name)
			continue
		}
		all = append(all, Variable{name, values[name][0]})
	}
	return all, collide
}

// Prefix returns what the names of the variables of a service's container begin with, behind the
// prefix of all.
func Prefix(all, service string, replica int) string {
	name := plainPrefix(service, replica)
	if all != "" {
		return all + name
	}
	if name[0] >= '0' && name[0] <= '9' || slices.Contains(reserved, plainPrefix(service, 1)) {
		name = "SEATRIAL_SVC_" + name
	}
	return name
}

func plainPrefix(service string, replica int) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(service)) + "_"
	if replica > 1 {
		name += fmt.Sprintf("%d_", replica)
	}
	return name
}

var goodPrefix = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// CheckPrefix returns an error if names of variables cannot begin with prefix.
func CheckPrefix(prefix string) error {
	if prefix != "" && !goodPrefix.MatchString(prefix) {
		return fmt.Errorf("%q cannot begin the name of a variable: want letters, digits and _, and no digit first", prefix)
	}
	return nil
}

// schemes are those of well-known ports of containers, as the clients of what listens there
// take them; "" is of what has no URLs.
var schemes = map[int]string{
	443: "https", 8443: "https",
	1433: "sqlserver", 3306: "mysql", 5432: "postgres", 27017: "mongodb",
	1883: "mqtt", 4222: "nats", 5672: "amqp", 6379: "redis",
	22: "ssh", 25: "smtp", 389: "ldap", 1025: "smtp",
	53: "", 2181: "", 9042: "", 9092: "", 11211: "",
}

// URL returns the URL of a TCP port of a container that is reached at an address: with http
// where the port is no well-known one, and the address alone where what listens on a
// well-known port has no URLs.
func URL(target int, address string) string {
	scheme, known := schemes[target]
	switch {
	case !known:
		scheme = "http"
	case scheme == "":
		return address
	}
	return scheme + "://" + address
}

// Formats are the formats of Format.
var Formats = []string{"sh", "dotenv", "json", "fish", "github"}

// Format writes variables in one of the formats.
func Format(all []Variable, format string) (string, error) {
	var b strings.Builder
	switch format {
	case "sh":
		for _, v := range all {
			fmt.Fprintf(&b, "export %s='%s'\n", v.Name, strings.ReplaceAll(v.Value, "'", `'\''`))
		}
	case "fish":
		for _, v := range all {
			fmt.Fprintf(&b, "set -gx %s '%s'\n", v.Name, strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(v.Value))
		}
	case "dotenv", "github": // values have no line breaks or quotes
		for _, v := range all {
			fmt.Fprintf(&b, "%s=%s\n", v.Name, v.Value)
		}
	case "json":
		values := map[string]string{}
		for _, v := range all {
			values[v.Name] = v.Value
		}
		content, err := json.MarshalIndent(values, "", "  ")
		if err != nil {
			return "", err
		}
		b.Write(append(content, '\n'))
	default:
		return "", fmt.Errorf("unknown format %q: want %s", format, strings.Join(Formats, ", "))
	}
	return b.String(), nil
}
