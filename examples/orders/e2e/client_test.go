// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client talks to the API as a customer does.
type client struct {
	url string
}

// placeAt is place, and returns where the answer says that the order is.
func (c client) placeAt(t *testing.T, sku string) (id, location string) {
	t.Helper()
	var o order
	resp, err := httpClient.Post(c.url+"/orders", "application/json", strings.NewReader(`{"sku":"`+sku+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("placing an order for %s: %s, %v", sku, resp.Status, err)
	}
	return o.ID, resp.Header.Get("Location")
}

type order struct {
	ID     string `json:"id"`
	SKU    string `json:"sku"`
	Status string `json:"status"`
}

func (c client) place(t *testing.T, sku string) (o order) {
	t.Helper()
	c.want(t, http.StatusCreated, http.MethodPost, "/orders", `{"sku":"`+sku+`"}`, &o)
	return o
}

func (c client) find(t *testing.T, id string) (o order) {
	t.Helper()
	c.want(t, http.StatusOK, http.MethodGet, "/orders/"+id, "", &o)
	return o
}

func (c client) list(t *testing.T) (all []order) {
	t.Helper()
	c.want(t, http.StatusOK, http.MethodGet, "/orders", "", &all)
	return all
}

func (c client) has(t *testing.T, id string) bool {
	t.Helper()
	code, _ := c.do(t, http.MethodGet, "/orders/"+id, "")
	return code != http.StatusNotFound
}

func (c client) want(t *testing.T, code int, method, path, body string, into any) {
	t.Helper()
	got, answer := c.do(t, method, path, body)
	if got != code {
		t.Fatalf("%s %s = %d %s, want %d", method, path, got, answer, code)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%s %s = %s: %v", method, path, answer, err)
	}
}

// The API itself waits up to 15 seconds for a database that is restarted.
var httpClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{Proxy: nil}}

func (c client) do(t *testing.T, method, path, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, answer
}
