//! Browsers and admins: JSON over HTTP.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::TOKEN;

#[derive(Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Body>,
    address: SocketAddr,
    headers: Vec<(&'static str, String)>,
}

/// A status and a document.
pub(crate) type Answer = (u16, Value);

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), address, headers: Vec::new() }
    }

    /// A shopper who is logged in.
    pub(crate) fn shopper(&self, id: &str) -> Self {
        self.with("x-customer-id", id)
    }

    pub(crate) fn admin(&self) -> Self {
        self.with("authorization", &format!("Bearer {TOKEN}"))
    }

    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name, value.to_owned()));
        other
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, body.to_string()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.http.request(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, kind) = (response.status(), response.headers().get("content-type").cloned());
        let bytes = to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        assert_eq!(kind.unwrap(), "application/json", "{path}");
        (status.as_u16(), serde_json::from_slice(&bytes).unwrap())
    }

    /// What one boot costs with these codes.
    pub(crate) async fn quote(&self, order: &str, codes: &[&str]) -> Value {
        let (status, quote) = self.post("/quote", json!({"order": order, "basket": boot(codes)})).await;
        assert_eq!(StatusCode::OK, status, "{quote}");
        quote
    }

    /// Orders one boot at a total that was seen.
    pub(crate) async fn place(&self, order: &str, codes: &[&str], seen: &Value, payment: &str) -> Answer {
        self.put(&format!("/orders/{order}"), json!({"basket": boot(codes), "seen": seen, "payment": payment})).await
    }

    /// 10% off under this code, with these limits.
    pub(crate) async fn define(&self, id: &str, code: &str, limits: Value) {
        let coupon = json!({
            "version": 1, "id": id, "code": code, "limits": limits, "benefits": [{"percent": {"off": "10"}}],
        });
        let (status, answer) = self.admin().put(&format!("/admin/coupons/{id}"), coupon).await;
        assert_eq!((status, &answer), (200, &json!({"coupon": id, "revision": 1})));
    }

    /// Used and held of a coupon.
    pub(crate) async fn used(&self, coupon: &str) -> (u64, u64) {
        let (status, usage) = self.admin().get(&format!("/admin/coupons/{coupon}/usage")).await;
        assert_eq!(status, 200, "{usage}");
        (usage["used"].as_u64().unwrap(), usage["held"].as_u64().unwrap())
    }
}

pub(crate) fn boot(codes: &[&str]) -> Value {
    json!({"lines": [{"product": "BOOT", "quantity": 1}], "codes": codes})
}

pub(crate) fn total(quote: &Value) -> &str {
    quote["price"]["totals"]["payable"].as_str().unwrap()
}

pub(crate) fn code(answer: &Answer) -> &str {
    answer.1["error"]["code"].as_str().unwrap_or("no error")
}
