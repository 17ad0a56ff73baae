//! What cargo-leptos names of reqwest. Nothing is ever asked: each request fails.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("this cargo-leptos was built without downloads; see tools/ in Crypto Rates")
    }
}

impl std::error::Error for Error {}

pub async fn get(url: &str) -> Result<Response, Error> {
    Client.get(url.to_owned()).send().await
}

#[derive(Default)]
pub struct ClientBuilder;

impl ClientBuilder {
    #[must_use]
    pub fn user_agent(self, _: &str) -> Self {
        self
    }

    pub fn build(self) -> Result<Client, Error> {
        Ok(Client)
    }
}

#[derive(Default)]
pub struct Client;

impl Client {
    pub fn get(&self, _: String) -> RequestBuilder {
        RequestBuilder
    }
}

pub struct RequestBuilder;

impl RequestBuilder {
    pub async fn send(self) -> Result<Response, Error> {
        Err(Error)
    }
}

/// There is none.
pub enum Response {}

impl Response {
    pub fn status(&self) -> StatusCode {
        match *self {}
    }

    pub async fn bytes(self) -> Result<Bytes, Error> {
        match self {}
    }

    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        match self {}
    }
}

#[derive(Debug)]
pub enum StatusCode {}

impl StatusCode {
    pub fn is_success(&self) -> bool {
        match *self {}
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
