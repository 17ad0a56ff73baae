# CloudFront before the load balancer, where var.cdn says so. It keeps what the service says may be kept, for
# as long as it says: a page and an answer of the API until the next rates, style and script for ever.

data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.cdn.enabled ? 1 : 0

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

data "aws_cloudfront_cache_policy" "nothing" {
  count = var.cdn.enabled ? 1 : 0

  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "everything" {
  count = var.cdn.enabled ? 1 : 0

  name = "Managed-AllViewer"
}

# The state of a page is in its query; nothing depends on cookies or other headers. No time of CloudFront's
# own: without a Cache-Control nothing is kept.
resource "aws_cloudfront_cache_policy" "origin" {
  count = var.cdn.enabled ? 1 : 0

  name        = "${local.name}-as-the-service-says"
  comment     = "Crypto Rates: Cache-Control decides"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    query_strings_config {
      query_string_behavior = "all"
    }

    headers_config {
      header_behavior = "none"
    }

    cookies_config {
      cookie_behavior = "none"
    }
  }
}

# The load balancer finds the service by Host, and has the certificate for it.
resource "aws_cloudfront_origin_request_policy" "host" {
  count = var.cdn.enabled ? 1 : 0

  name    = "${local.name}-host"
  comment = "Crypto Rates: the name that was asked for"

  headers_config {
    header_behavior = "whitelist"

    headers {
      items = ["Host"]
    }
  }

  query_strings_config {
    query_string_behavior = "all"
  }

  cookies_config {
    cookie_behavior = "none"
  }
}

# CloudFront takes certificates of one region only. ACM proves a name by the same record in all of them.
resource "aws_acm_certificate" "cdn" {
  count = var.cdn.enabled ? 1 : 0

  region            = "us-east-1"
  domain_name       = local.host
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate_validation" "cdn" {
  count = var.cdn.enabled ? 1 : 0

  region                  = "us-east-1"
  certificate_arn         = aws_acm_certificate.cdn[0].arn
  validation_record_fqdns = [aws_route53_record.certificate.fqdn]
}

resource "aws_cloudfront_distribution" "this" {
  count = var.cdn.enabled ? 1 : 0

  enabled         = true
  comment         = "Crypto Rates, ${var.environment}"
  aliases         = [local.host]
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.cdn.price_class
  web_acl_id      = var.cdn.web_acl_arn

  origin {
    origin_id   = "load-balancer"
    domain_name = local.origin

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      # The stream says something each 15 seconds.
      origin_read_timeout      = 60
      origin_keepalive_timeout = 60
    }
  }

  default_cache_behavior {
    target_origin_id         = "load-balancer"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = aws_cloudfront_cache_policy.origin[0].id
    origin_request_policy_id = aws_cloudfront_origin_request_policy.host[0].id
  }

  # Each passed on as it comes: the stream of events, what the page calls, and how the service is.
  dynamic "ordered_cache_behavior" {
    for_each = ["/api/stream*", "/fn/*", "/health*"]

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "load-balancer"
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = false
      cache_policy_id          = data.aws_cloudfront_cache_policy.nothing[0].id
      origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything[0].id
    }
  }

  # By itself CloudFront keeps an error for ten seconds, whatever the service says.
  dynamic "custom_error_response" {
    for_each = [404, 500, 502, 503, 504]

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.cdn[0].certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}
