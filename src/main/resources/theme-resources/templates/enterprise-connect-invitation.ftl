<#import "template.ftl" as layout>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectInvitationTitle", organization)}
  <#elseif section = "form">
    <div id="enterprise-connect-invitation" class="pf-v5-c-content">
      <p>${msg("enterpriseConnectInvitationIntroduction", application, organization)}</p>
      <#if relink>
        <p>${msg("enterpriseConnectInvitationRelink")}</p>
      </#if>
      <h2>${msg("enterpriseConnectInvitationAccess")}</h2>
      <ul>
        <#list scopes as scope><li><code>${scope}</code></li></#list>
        <#list delegatedScopes as scope><li><code>${scope}</code></li></#list>
      </ul>
      <#if domains?has_content>
        <h2>${msg("enterpriseConnectInvitationDomains")}</h2>
        <ul>
          <#list domains as domain><li>${domain}</li></#list>
        </ul>
      </#if>
      <h2>${msg("enterpriseConnectInvitationLimit")}</h2>
      <p>${msg("enterpriseConnectInvitationLimitText")}</p>
      <#list ["Google", "Microsoft", "Exchange"] as provider>
        <details>
          <summary>${msg("enterpriseConnectInvitation" + provider)}</summary>
          <ol>
            <#list 1..3 as step><li>${msg("enterpriseConnectInvitation" + provider + step)}</li></#list>
          </ol>
        </details>
      </#list>
      <p>${msg("enterpriseConnectInvitationExpires", expires)}</p>
    </div>
    <form method="post" class="${properties.kcFormClass!}">
      <div id="kc-form-buttons" class="${properties.kcFormGroupClass!}">
        <input class="${properties.kcButtonClass!} ${properties.kcButtonPrimaryClass!} ${properties.kcButtonBlockClass!} ${properties.kcButtonLargeClass!}" type="submit" id="enterprise-connect-continue" value="${msg("enterpriseConnectInvitationContinue")}">
      </div>
    </form>
  </#if>
</@layout.registrationLayout>
