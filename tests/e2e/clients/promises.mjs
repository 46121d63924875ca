// Promises from the callbacks of amazon-cognito-identity-js.

/** Of what a method with an (error, result) callback gives. */
export function called(method) {
  return new Promise((resolve, reject) => {
    method((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Of what a method with an {onSuccess, onFailure} object gives. */
export function succeeded(method) {
  return new Promise((resolve, reject) => method({ onSuccess: resolve, onFailure: reject }));
}
